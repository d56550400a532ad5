import Core
import Hub
import Release

extension Conductor {
    enum Stored { case done(Advance), refused, skipped }

    /// One event through the hub. The only way in which anything changes.
    func store(_ event: Event, of id: ReleaseID, decision: DecisionDraft? = nil) async -> Stored {
        guard isInControl, parts.clocks.steady() >= retryAt else { return .refused }
        let before = charges[id]?.facts
        do {
            let advance = try await hub.advance(id, event, decision: decision)
            health.succeed(.events)
            if let before { metrics.note(before, advance.facts) }
            charges[id]?.take(advance.facts, at: parts.clocks.steady())
            // Two releases must not both take the last memory.
            if advance.isChanged { fitting = [:] }
            return .done(advance)
        } catch let error as HubError where error.code == .unknownRelease || error.code == .releaseActive {
            return .skipped
        } catch {
            fail(.events, error)
            return .refused
        }
    }

    func storeWaiting() async {
        for id in line {
            while let event = charges[id]?.waiting.first {
                // Only its own release waits for it.
                if case .refused = await store(event, of: id) { break }
                if charges[id]?.waiting.isEmpty == false { charges[id]?.waiting.removeFirst() }
            }
        }
    }

    /// Nothing was stored; it is tried again: in the next tick, where the trouble may be one release's
    /// alone, after a while where it is everybody's, never by a controller that lost control.
    func fail(_ part: Health.Part, _ error: any Error) {
        let code = (error as? HubError)?.code
        if code == .notInControl {
            isInControl = false
            controlLost = true
        }
        if code == .storageFull || code == .unavailable || code == .notInControl || part == .control {
            retryAt = parts.clocks.steady() + rhythm.retry
        }
        if controlLost {
            health.fail(.control, "another controller has taken over; this one only watches")
        } else {
            health.fail(part, "\(error)")
        }
    }

    func takeControl() async {
        guard !isInControl, !controlLost else { return }
        do {
            _ = try await hub.takeControl(owner: parts.owner)
            isInControl = true
            health.succeed(.control)
        } catch {
            fail(.control, error)
        }
    }
}
