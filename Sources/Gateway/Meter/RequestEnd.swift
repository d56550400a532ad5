import Core

/// How one request went, as it is counted.
struct RequestEnd {
    /// What was assigned, and what served it; -1: nothing of a route.
    var assignedSeries = -1
    var servingSeries = -1
    /// 499: the client left before an answer.
    var status = 0
    var source: Source?
    var duration = 0.0
    var ttft: Double?
    var tpot: Double?
    /// The longest silence between two pieces of an event stream.
    var longestGap: Double?
    var overhead: Double?
    var queued: Double?
    var retries = 0
    var bytesIn = 0
    var bytesOut = 0
    var inputTokens = 0
    var outputTokens = 0
    /// Time that replicas worked on it.
    var worked = 0.0
    var isTenant = false

    enum Source: Int, CaseIterable {
        case hash, rule, pin
        /// Stable has no replica, and the route says to go anywhere then.
        case emergency
        var name: String {
            switch self {
            case .hash: "hash"
            case .rule: "rule"
            case .pin: "pin"
            case .emergency: "emergency"
            }
        }
    }
}
