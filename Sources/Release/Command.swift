/// What follows from an event. Each is harmless when it is carried out twice.
package enum Command: Hashable, Sendable, Codable {
    /// Verify the pinned files, start the candidate's replicas, wait until they are ready, warm
    /// them up and check their answers.
    case prepareCandidate
    /// Make these weights the endpoint's route, under a new generation.
    case route(Weights)
    /// Hold requests, drain and stop stable first (`recreate`).
    case clearStable
    /// Start stable again after a failed `recreate`.
    case restoreStable
    /// The candidate becomes the endpoint's `stable`; carried out in the same transaction.
    case moveStable
    /// Take no new requests; `drainDone` or `drainDeadline` follows.
    case drain(Side)
    case stop(Side)
    /// Give up what protected the candidate's blobs, unless something else does.
    case releaseBlobs
    case notify(Notice)

    package enum Side: String, Hashable, Sendable, Codable { case candidate, previous }

    package struct Weights: Hashable, Sendable, Codable {
        /// Basis points.
        package var candidate: Int
        package var control: Int
        package var shadow: Int
        package init(candidate: Int, control: Int = 0, shadow: Int = 0) {
            self.candidate = candidate
            self.control = control
            self.shadow = shadow
        }
        package static let none = Weights(candidate: 0)
    }
    package struct Notice: Hashable, Sendable, Codable {
        /// Such as `paused`, `rolling-back`, `rolled-back`, `succeeded`, `failed`, `awaiting-approval`, `started`, `step`.
        package var event: String
        package var reason: String
        package init(event: String, reason: String = "") {
            self.event = event
            self.reason = reason
        }
    }
}
