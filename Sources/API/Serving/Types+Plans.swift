// Bodies of our HTTP API; see Types.swift for the units.

/// What applying a manifest would do. The same manifest over the same state gives the same hash.
package struct PlanInfo: Codable, Hashable, Sendable {
    /// Send as `planHash` to carry it out.
    package var hash: String
    package var endpoint: String
    /// Release, settings or nothing.
    package var kind: String
    package var from: BackendLabelInfo?
    package var to: BackendLabelInfo
    /// Digest of `lockText`.
    package var lock: String
    /// The lock's canonical JSON.
    package var lockText: String
    package var changes: [PlanChangeInfo]
    package var memory: PlanMemoryInfo
    package var needs: [PlanNeedInfo]
    package var estimates: [PlanEstimateInfo]
    package var warnings: [String]
    /// Milliseconds in which nothing is served, at most.
    package var expectedGap: Int64?
    /// Of the endpoint that it was made for; 0: there was none.
    package var endpointGeneration: Int64
    package var expires: String

    package init(
        hash: String, endpoint: String, kind: String, from: BackendLabelInfo? = nil, to: BackendLabelInfo, lock: String, lockText: String,
        changes: [PlanChangeInfo], memory: PlanMemoryInfo, needs: [PlanNeedInfo], estimates: [PlanEstimateInfo], warnings: [String],
        expectedGap: Int64? = nil, endpointGeneration: Int64, expires: String
    ) {
        self.hash = hash
        self.endpoint = endpoint
        self.kind = kind
        self.from = from
        self.to = to
        self.lock = lock
        self.lockText = lockText
        self.changes = changes
        self.memory = memory
        self.needs = needs
        self.estimates = estimates
        self.warnings = warnings
        self.expectedGap = expectedGap
        self.endpointGeneration = endpointGeneration
        self.expires = expires
    }
}

package struct PlanChangeInfo: Codable, Hashable, Sendable {
    /// Added, changed or removed.
    package var kind: String
    /// Such as `model.version`.
    package var field: String
    package var before: String?
    package var after: String?

    package init(kind: String, field: String, before: String? = nil, after: String? = nil) {
        self.kind = kind
        self.field = field
        self.before = before
        self.after = after
    }
}

/// Bytes, as far as manifests say; 0 where they say nothing.
package struct PlanMemoryInfo: Codable, Hashable, Sendable {
    package var stable: Int64
    package var candidate: Int64
    package var others: Int64
    /// The most that is needed at one moment of the release.
    package var peak: Int64
    /// What the machine has for model servers; absent: not known.
    package var available: Int64?
    package var fits: Bool

    package init(stable: Int64, candidate: Int64, others: Int64, peak: Int64, available: Int64? = nil, fits: Bool) {
        self.stable = stable
        self.candidate = candidate
        self.others = others
        self.peak = peak
        self.available = available
        self.fits = fits
    }
}

/// Something that the manifest asks of the traffic driver.
package struct PlanNeedInfo: Codable, Hashable, Sendable {
    package var name: String
    package var isMet: Bool

    package init(name: String, isMet: Bool) {
        self.name = name
        self.isMet = isMet
    }
}

/// What one metric needs, should the candidate be as good as stable.
package struct PlanEstimateInfo: Codable, Hashable, Sendable {
    package var metric: String
    /// Requests of the candidate until a verdict; absent: not foreseeable.
    package var requests: Int64?
    /// Milliseconds at the traffic of the last seven days; absent: not foreseeable.
    package var time: Int64?

    package init(metric: String, requests: Int64? = nil, time: Int64? = nil) {
        self.metric = metric
        self.requests = requests
        self.time = time
    }
}

package struct NewRelease: Codable, Hashable, Sendable {
    /// The `hash` of a plan that is still current.
    package var planHash: String

    package init(planHash: String) {
        self.planHash = planHash
    }
}

/// What applying a plan led to.
package struct AppliedInfo: Codable, Hashable, Sendable {
    package var endpoint: EndpointInfo
    /// Absent where settings alone changed, or nothing.
    package var release: ReleaseInfo?
    /// False for a repeated request, and where nothing changed.
    package var wasMade: Bool

    package init(endpoint: EndpointInfo, release: ReleaseInfo? = nil, wasMade: Bool) {
        self.endpoint = endpoint
        self.release = release
        self.wasMade = wasMade
    }
}
