import Core

/// Which hooks of a step have answered. What passed once stays passed for that step; what did not
/// is asked again after a while.
struct HookRound {
    static let pause: Milliseconds = 5_000

    private var step: Int?
    private var passed: Set<String> = []
    private var asked: [String: Milliseconds] = [:]
    /// What the last failure said, by address.
    private(set) var failures: [String: String] = [:]

    func hasPassed(_ hooks: [String], of step: Int) -> Bool { hooks.isEmpty || (self.step == step && passed.isSuperset(of: hooks)) }

    /// The addresses to ask now; each is asked by itself and answers with `answer`.
    mutating func due(_ hooks: [String], of step: Int, at now: Milliseconds) -> [String] {
        if self.step != step { self = HookRound(step: step) }
        let due = Set(hooks).filter { !passed.contains($0) && (asked[$0].map { now - $0 >= Self.pause } ?? true) }.sorted()
        // Until the answer is there it is not asked again.
        for hook in due { asked[hook] = .max }
        return due
    }

    mutating func answer(_ hook: String, of step: Int, _ outcome: ErrandOutcome, at now: Milliseconds) {
        guard self.step == step else { return }
        asked[hook] = now
        if outcome.isSuccess {
            passed.insert(hook)
            failures[hook] = nil
        } else {
            failures[hook] = outcome.text
        }
    }

    init() {}
    private init(step: Int) { self.step = step }
}
