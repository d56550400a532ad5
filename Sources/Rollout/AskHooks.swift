import Core
import Release
import Synchronization

/// What an address said about a step.
struct HookAnswer: Sendable {
    var release: ReleaseID
    var hook: String
    var step: Int
    var outcome: ErrandOutcome
}

extension Conductor {
    private static let hookTimeout: Milliseconds = 10_000

    /// Asks the addresses of steps that have run their time. A slow one holds its own step and
    /// nothing else.
    func askHooks(at now: Milliseconds) {
        for id in charges.keys {
            guard let release = charges[id]?.release, !release.hooks.isEmpty,
                let observed = charges[id]?.stopwatch.stepObserved, observed >= release.currentStep?.minObserved ?? 0
            else { continue }
            let step = release.step
            for hook in charges[id]?.hooks.due(release.hooks, of: step, at: now) ?? [] {
                let parts = self.parts
                Task { [weak self] in
                    let outcome = await parts.courier.run(Errand(url: hook, timeout: Self.hookTimeout))
                    self?.hookAnswers.withLock { $0.append(HookAnswer(release: id, hook: hook, step: step, outcome: outcome)) }
                    self?.bell.ring()
                }
            }
        }
    }

    func takeHookAnswers() {
        let answers = hookAnswers.withLock { answers in
            defer { answers = [] }
            return answers
        }
        for answer in answers {
            charges[answer.release]?.hooks.answer(answer.hook, of: answer.step, answer.outcome, at: parts.clocks.steady())
        }
    }
}
