package import Core

/// What an endpoint is, apart from the version it serves: applied by people, changed by `apply` only.
package struct EndpointSpec: Hashable, Sendable, Codable {
    package var name: EndpointName
    package var publicNames: [String]
    package var wire: ServingWire
    package var assignment: AssignmentPolicy
    package var rules: [MatchRule]
    package var limits: TrafficLimits
    package var objectives: [Objective]
    package var access: EndpointAccess
    /// Emergency policies; both off by default.
    package var servesAnyReady: Bool
    package var retriesOnStable: Bool
    /// How many versions that succeeded before stay protected for a rollback, besides what serves.
    package var keepReleases: Int

    package init(
        name: EndpointName, publicNames: [String] = [], wire: ServingWire = .http, assignment: AssignmentPolicy = AssignmentPolicy(),
        rules: [MatchRule] = [], limits: TrafficLimits = TrafficLimits(), objectives: [Objective] = [Objective(name: "errors")],
        access: EndpointAccess = .anyone, servesAnyReady: Bool = false, retriesOnStable: Bool = false, keepReleases: Int = 3
    ) {
        self.name = name
        self.publicNames = publicNames
        self.wire = wire
        self.assignment = assignment
        self.rules = rules
        self.limits = limits
        self.objectives = objectives
        self.access = access
        self.servesAnyReady = servesAnyReady
        self.retriesOnStable = retriesOnStable
        self.keepReleases = keepReleases
    }
}
