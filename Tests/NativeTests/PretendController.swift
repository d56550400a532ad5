import Core
import Hub
import Native
import Release

/// Carries releases forward as if everything that they ask for went well at once.
struct PretendController: Sendable {
    let hub: Hub

    /// `tick chat-1`: a look at the evidence, with which every step is due and passes.
    func perform(_ text: String) async throws {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 2, words[0] == "tick" else { throw HubError(.invalidRequest, "nobody does '\(text)': expected tick RELEASE") }
        _ = try await hub.takeControl(owner: "test")
        let decision = DecisionDraft(rule: "6.4", verdict: "pass", reason: "all metrics pass", inputs: "n=1")
        _ = try await hub.advance(try ReleaseID(parsing: words[1]), .tick(Self.good), decision: decision)
        try await deliver()
    }

    private static var good: Tick {
        var finding = Finding()
        finding.verdict = .pass
        finding.isGateOpen = true
        return Tick(stepObserved: 1_000_000, totalObserved: 1_000_000, bakeObserved: 10_000_000, clearedFor: 1_000_000, finding: finding)
    }

    /// Does what the outbox asks, until it asks for nothing more.
    func deliver() async throws {
        while true {
            let items = try hub.outbox(limit: 10)
            if items.isEmpty { return }
            for item in items {
                if let release = item.release {
                    for event in Self.answers(to: item.work) { _ = try await hub.advance(release, event) }
                }
                try await hub.settle([item.id])
            }
        }
    }

    private static func answers(to work: OutboxItem.Work) -> [Event] {
        switch work {
        case .route(let route): [.routeApplied(generation: route.generation)]
        case .prepare: [.replicasReady, .warmupPassed, .goldenPassed]
        case .drain: [.drainDone]
        case .remove, .clear, .start, .stop: []
        }
    }
}

extension NativeServing {
    /// Every backend that is wanted runs, in one replica that has said one line.
    static func pretended(_ hub: Hub) -> NativeServing {
        NativeServing(
            replicas: {
                // Without any, none runs.
                ((try? hub.wantedBackends()) ?? []).map {
                    ReplicaFacts(
                        backend: $0.backend, endpoint: $0.spec.endpoint, slot: 0, state: .ready, pid: 4711,
                        address: ReplicaAddress(slot: 0, host: "127.0.0.1", port: 9000), since: Instant(milliseconds: 0))
                }
            },
            log: { _, slot, bytes in slot == 0 ? Array("listening on 9000\n".utf8.suffix(bytes)) : nil })
    }
}
