/// What the evidence says now; a tick carries it to the reducer. Pure sums of what was observed.
package struct Finding: Hashable, Sendable, Codable {
    package var verdict: Verdict = .inconclusive
    /// Which objective decided, by name.
    package var culprit: String?
    /// The excess harm at the next weight is bounded (6.5).
    package var isGateOpen = false
    /// What a tripped guard means, once stable was looked at (6.2).
    package var trip: Trip?
    /// A randomised request came within `staleAfter`.
    package var hasData = true
    /// Stable is fine again.
    package var isStableHealthy = true
    /// Said for people: the numbers behind the verdict.
    package var explanation = ""

    package enum Verdict: String, Hashable, Sendable, Codable {
        case guardTripped = "guard-tripped"
        case fail
        case assignmentBias = "assignment-bias"
        case noData = "no-data"
        case pass, inconclusive
    }
    package enum Trip: String, Hashable, Sendable, Codable { case undecided, candidate, common }
    package init() {}
}
