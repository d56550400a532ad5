import Core
import Release

extension BackendMachine {
    enum Event: Hashable, Sendable {
        case order(BackendOrder)
        case wake
        case drain(deadline: Milliseconds)
        case stop
        /// Everything is ended, because we are; the files stay for the next time.
        case close
        case tick(inFlight: Int, lastRequest: Milliseconds?)
        case materialised(round: Int)
        case notMaterialised(round: Int, isDamage: Bool, String)
        case launched(slot: Int, run: Int, pid: Int?, ReplicaAddress)
        case notLaunched(slot: Int, run: Int, String)
        /// Its readiness check passed, or failed so often that it counts.
        case answers(slot: Int, run: Int)
        case silent(slot: Int, run: Int, String)
        case exited(slot: Int, run: Int, ExitFacts)
        case warmed(round: Int)
        case notWarmed(round: Int, String)
        case checked(round: Int)
        case notChecked(round: Int, String)
    }

    enum Action: Hashable, Sendable {
        case materialise(round: Int)
        case launch(slot: Int, run: Int)
        case end(slot: Int, run: Int)
        case warmUp(round: Int, [ReplicaAddress])
        case check(round: Int, [ReplicaAddress])
        case report(ReplicaReport)
        case removeFiles
    }
}

/// How a process ended, as far as it can be known.
struct ExitFacts: Hashable, Sendable {
    /// For people: the status or the signal, and the last lines of the log.
    var text: String
    var isOutOfMemory = false
    var isPortTaken = false
}
