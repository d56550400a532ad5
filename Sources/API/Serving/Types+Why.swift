// Bodies of our HTTP API; see Types.swift for the units.

/// Which version served at some time, and everything that led to it.
package struct WhyInfo: Codable, Hashable, Sendable {
    package var endpoint: String
    package var at: String
    /// In effect then; absent: nothing was served.
    package var route: RouteInfo?
    /// The largest share first.
    package var served: [WhyServedInfo]
    /// The release that was under way.
    package var underWay: ReleaseInfo?

    package init(endpoint: String, at: String, route: RouteInfo? = nil, served: [WhyServedInfo], underWay: ReleaseInfo? = nil) {
        self.endpoint = endpoint
        self.at = at
        self.route = route
        self.served = served
        self.underWay = underWay
    }
}

package struct WhyServedInfo: Codable, Hashable, Sendable {
    package var variant: String
    /// Basis points.
    package var weight: Int
    package var backend: BackendLabelInfo
    /// The release that brought it in.
    package var since: ReleaseInfo?
    package var decisions: [DecisionInfo]
    package var approvals: [ApprovalInfo]
    /// The commit; absent where it was collected since.
    package var published: WhyPublishedInfo?
    package var lineage: [LineageEdge]

    package init(
        variant: String, weight: Int, backend: BackendLabelInfo, since: ReleaseInfo? = nil, decisions: [DecisionInfo], approvals: [ApprovalInfo],
        published: WhyPublishedInfo? = nil, lineage: [LineageEdge]
    ) {
        self.variant = variant
        self.weight = weight
        self.backend = backend
        self.since = since
        self.decisions = decisions
        self.approvals = approvals
        self.published = published
        self.lineage = lineage
    }
}

package struct WhyPublishedInfo: Codable, Hashable, Sendable {
    package var commit: String
    package var author: String
    package var message: String
    package var at: String

    package init(commit: String, author: String, message: String, at: String) {
        self.commit = commit
        self.author = author
        self.message = message
        self.at = at
    }
}
