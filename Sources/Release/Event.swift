package import Core

/// What can happen to a release. Each event that changes something is stored before anything
/// follows from it.
package enum Event: Hashable, Sendable, Codable {
    /// The plan was current, and the lock and its blobs are kept. `isWarm`: the backend runs
    /// already and passed its checks before (an operator's rollback).
    case submitted(isWarm: Bool)
    case tick(Tick)
    case replicasReady
    case warmupPassed
    case goldenPassed
    /// What the text of the following cases says is for people.
    case digestMismatch(String)
    case startFailed(String)
    case readyDeadline
    case warmupFailed(String)
    case goldenFailed(String)
    case pendingDeadline
    /// A route of this generation is in effect.
    case routeApplied(generation: Int64)
    case drainDone
    case drainDeadline
    case candidateUnhealthy(String)
    case pause(reason: String)
    case resume(reason: String)
    case approve(Approval)
    case reject(reason: String)
    case promote(reason: String)
    case abort(reason: String)
    case superseded(by: ReleaseID)
    case clockJumped(seconds: Int64)
    case controllerStarted
}

/// What a tick of the controller brings: sums and findings, never differences, so that ticks
/// that change nothing need not be stored.
package struct Tick: Hashable, Sendable, Codable {
    /// Observed time of the step, of the whole release, and of the bake.
    package var stepObserved: Milliseconds
    package var totalObserved: Milliseconds
    package var bakeObserved: Milliseconds
    /// How long the present pause has lasted, and since when its condition is cleared.
    package var pausedFor: Milliseconds
    package var clearedFor: Milliseconds
    package var isWindowOpen: Bool
    /// The release is the first in line, and the memory for both versions is there.
    package var mayBegin: Bool
    /// All hooks of the step answered.
    package var hooksPassed: Bool
    package var finding: Finding

    package init(
        stepObserved: Milliseconds = 0, totalObserved: Milliseconds = 0, bakeObserved: Milliseconds = 0, pausedFor: Milliseconds = 0,
        clearedFor: Milliseconds = 0, isWindowOpen: Bool = true, mayBegin: Bool = true, hooksPassed: Bool = true, finding: Finding = Finding()
    ) {
        self.stepObserved = stepObserved
        self.totalObserved = totalObserved
        self.bakeObserved = bakeObserved
        self.pausedFor = pausedFor
        self.clearedFor = clearedFor
        self.isWindowOpen = isWindowOpen
        self.mayBegin = mayBegin
        self.hooksPassed = hooksPassed
        self.finding = finding
    }
}

package struct Approval: Hashable, Sendable, Codable {
    package var actor: String
    package var step: Int
    /// The release's generation and lock that the approver saw: another one means another question.
    package var generation: Int64
    package var lock: Digest
    package var comment: String
    package init(actor: String, step: Int, generation: Int64, lock: Digest, comment: String = "") {
        self.actor = actor
        self.step = step
        self.generation = generation
        self.lock = lock
        self.comment = comment
    }
}
