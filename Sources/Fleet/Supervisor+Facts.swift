import Core
import Release

extension Supervisor {
    func facts() -> [ReplicaFacts] {
        let (wall, steady) = (settings.wallNow(), settings.steadyNow())
        return machines.keys.sorted().flatMap { backend -> [ReplicaFacts] in
            guard let machine = machines[backend] else { return [] }
            return machine.slots.enumerated().map { number, slot in
                ReplicaFacts(
                    backend: backend, endpoint: machine.order.spec.endpoint, slot: number, state: machine.state(of: slot), pid: slot.pid,
                    address: slot.address, since: Instant(milliseconds: wall.milliseconds - (steady - slot.since)), restarts: slot.restarts,
                    note: slot.note.isEmpty ? machine.failure ?? "" : slot.note)
            }
        }
    }
}

extension BackendMachine {
    func state(of slot: Slot) -> ReplicaFacts.State {
        switch slot.phase {
        case .idle:
            switch goal {
            case .run: slot.failures > 0 ? .failed : .starting
            case .rest: failure == nil ? .cold : .failed
            case .drain, .end: .stopped
            }
        case .starting: .starting
        case .ready:
            if case .drain = goal { .draining } else { isOnTrial ? .warming : .ready }
        case .silent: .failed
        case .ending: .draining
        }
    }
}
