import Core
import Release

extension BackendMachine {
    mutating func hearPreparation(_ event: Event, at now: Milliseconds, _ actions: inout [Action]) {
        switch event {
        case .warmed(let of) where of == round && preparing == .warming:
            actions.append(.report(.warmed(order.backend)))
            preparing = .checking
            actions.append(.check(round: round, readyAddresses))
        case .notWarmed(let of, let text) where of == round && preparing == .warming: fail(.warmupFailed, text, at: now, &actions)
        case .checked(let of) where of == round && preparing == .checking:
            preparing = nil
            isServable = true
            // The gateway knows the replicas before anybody hears that they may be used.
            announce(&actions)
            actions.append(.report(.checked(order.backend)))
        case .notChecked(let of, let text) where of == round && preparing == .checking: fail(.goldenFailed, text, at: now, &actions)
        default: break
        }
    }

    /// A preparation has failed. What never served is ended; what serves goes on.
    mutating func fail(_ kind: ReplicaReport.PrepareFailure, _ text: String, at now: Milliseconds, _ actions: inout [Action]) {
        guard preparing != nil else { return }
        let wasOnTrial = isOnTrial
        preparing = nil
        round += 1
        if wasOnTrial {
            failure = text
            goal = .rest
        }
        actions.append(.report(.failed(order.backend, kind, text)))
    }

    mutating func reportReady(_ actions: inout [Action]) {
        guard isAllReady, !isReadyReported, material == .there || !isOnTrial else { return }
        isReadyReported = true
        actions.append(.report(.ready(order.backend)))
    }

    /// Brings what is and what should be together, one step at a time.
    mutating func converge(at now: Milliseconds, _ actions: inout [Action]) {
        switch goal {
        case .run: advance(at: now, &actions)
        case .drain: break
        case .rest, .end:
            settlingSince = nil
            downSince = nil
            isDownReported = false
            for i in slots.indices {
                switch slots[i].phase {
                case .idle: break
                case .ending: slots[i].isFailing = false
                case .starting, .ready, .silent:
                    enter(i, .ending, at: now)
                    actions.append(.end(slot: i, run: slots[i].run))
                }
            }
            guard goal == .end, !hasEnded, slots.allSatisfy({ if case .idle = $0.phase { true } else { false } }) else { return }
            if case .making = material { return }
            hasEnded = true
            isServable = false
            if !isExternal { material = .missing(notBefore: now) }
            actions.append(.removeFiles)
        }
    }

    private mutating func advance(at now: Milliseconds, _ actions: inout [Action]) {
        switch material {
        case .missing(let notBefore):
            guard now >= notBefore else { return }
            round += 1
            material = .making(round: round)
            actions.append(.materialise(round: round))
            return
        case .making: return
        case .there: break
        }
        for i in slots.indices {
            guard case .idle(let notBefore) = slots[i].phase, now >= notBefore else { continue }
            slots[i].run += 1
            enter(i, .starting, note: slots[i].note, at: now)
            actions.append(.launch(slot: i, run: slots[i].run))
        }
        if preparing == .starting, isAllReady {
            reportReady(&actions)
            preparing = .warming
            actions.append(.warmUp(round: round, readyAddresses))
        }
    }

    /// Says which replicas may take requests, whenever that has changed.
    mutating func announce(_ actions: inout [Action]) {
        var addresses: [ReplicaAddress] = []
        switch goal {
        case .run: if isServable, settlingSince == nil { addresses = readyAddresses }
        case .drain:
            addresses = readyAddresses.map {
                var address = $0
                address.isDraining = true
                return address
            }
        case .rest, .end: break
        }
        guard addresses != announced else { return }
        announced = addresses
        actions.append(.report(.serving(order.backend, addresses)))
    }
}
