package import Core

/// What a release is to do; fixed when it is submitted.
package struct ReleaseSpec: Hashable, Sendable, Codable {
    package var id: ReleaseID
    package var kind: Kind
    /// What serves now; nil for the first release of an endpoint.
    package var from: BackendID?
    package var to: BackendID
    package var lock: Digest
    package var strategy: Strategy
    /// As of submission, so that a release is judged to its end by what it started with.
    package var objectives: [Objective]
    /// Release ids do not repeat; analysis of 6.8 differs where units are sessions.
    package var unit: AssignmentPolicy.Unit
    package var rules: RuleVersion
    package var submittedBy: String

    package enum Kind: String, Hashable, Sendable, Codable {
        case release
        /// Back to a lock that succeeded before: one step of 100 %, analysed while it bakes.
        case rollback
    }
    /// Which reading of the decision rules judges it.
    package enum RuleVersion: Int, Hashable, Sendable, Codable { case one = 1 }

    package init(
        id: ReleaseID, kind: Kind = .release, from: BackendID?, to: BackendID, lock: Digest, strategy: Strategy, objectives: [Objective],
        unit: AssignmentPolicy.Unit = .request, rules: RuleVersion = .one, submittedBy: String
    ) {
        self.id = id
        self.kind = kind
        self.from = from
        self.to = to
        self.lock = lock
        self.strategy = strategy
        self.objectives = objectives
        self.unit = unit
        self.rules = rules
        self.submittedBy = submittedBy
    }
}
