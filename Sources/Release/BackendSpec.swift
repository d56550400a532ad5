package import Core

/// What serves: one pinned model in one runtime. Immutable; its id is the SHA-256 of `canonical`.
package struct BackendSpec: Hashable, Sendable, Codable {
    package var endpoint: EndpointName
    package var model: PinnedModel
    package var runtime: RuntimeSpec

    package init(endpoint: EndpointName, model: PinnedModel, runtime: RuntimeSpec) {
        self.endpoint = endpoint
        self.model = model
        self.runtime = runtime
    }
}

/// A model as a lock pins it.
package struct PinnedModel: Hashable, Sendable, Codable {
    package var repo: RepoName
    package var commit: GitID
    package var manifest: Digest
    /// As people write it: the version's name, or the beginning of the commit id.
    package var version: String
    package init(repo: RepoName, commit: GitID, manifest: Digest, version: String) {
        self.repo = repo
        self.commit = commit
        self.manifest = manifest
        self.version = version
    }
}

package struct RuntimeSpec: Hashable, Sendable, Codable {
    package var kind: Kind
    /// What the operator says the runtime is (of an image or a package list); part of the identity.
    package var digest: Digest?
    /// Names and values that the process gets besides PATH, HOME and LANG.
    package var environment: [String: String]
    package var replicas: Int
    /// Bytes that one replica needs at most; 0: unknown.
    package var memory: Int64
    package var readiness: Readiness
    package var scaleToZero: ScaleToZero?
    package var drainDeadline: Milliseconds
    package var restart: Restart

    package enum Kind: Hashable, Sendable, Codable {
        /// A process of ours; `${model.path}`, `${port}` and `${slot}` are replaced in its arguments.
        case process(command: [String])
        /// A server that somebody else runs, such as `http://10.0.0.7:8000/v1`; no TLS.
        case external(urls: [String])
    }
    package struct Readiness: Hashable, Sendable, Codable {
        package var path: String
        package var deadline: Milliseconds
        /// How long a candidate may be without a ready replica before it counts as unhealthy.
        package var grace: Milliseconds
        package init(path: String = "/health", deadline: Milliseconds = 600_000, grace: Milliseconds = 10_000) {
            self.path = path
            self.deadline = deadline
            self.grace = grace
        }
    }
    package struct ScaleToZero: Hashable, Sendable, Codable {
        package var idle: Milliseconds
        package var minResident: Milliseconds
        package init(idle: Milliseconds, minResident: Milliseconds = 120_000) {
            self.idle = idle
            self.minResident = minResident
        }
    }
    package struct Restart: Hashable, Sendable, Codable {
        /// Starts within one preparation before it is given up.
        package var attempts: Int
        package var firstDelay: Milliseconds
        package var longestDelay: Milliseconds
        package init(attempts: Int = 3, firstDelay: Milliseconds = 500, longestDelay: Milliseconds = 30_000) {
            self.attempts = attempts
            self.firstDelay = firstDelay
            self.longestDelay = longestDelay
        }
    }

    package init(
        kind: Kind, digest: Digest? = nil, environment: [String: String] = [:], replicas: Int = 1, memory: Int64 = 0,
        readiness: Readiness = Readiness(), scaleToZero: ScaleToZero? = nil, drainDeadline: Milliseconds = 1_800_000,
        restart: Restart = Restart()
    ) {
        self.kind = kind
        self.digest = digest
        self.environment = environment
        self.replicas = replicas
        self.memory = memory
        self.readiness = readiness
        self.scaleToZero = scaleToZero
        self.drainDeadline = drainDeadline
        self.restart = restart
    }
}

extension BackendSpec {
    /// The same backend gives the same bytes on every machine.
    package var canonical: CanonicalJSON {
        var members: [String: CanonicalJSON] = [
            "format": .text("grayling backend 1"),
            "endpoint": .text(endpoint.text),
            "repo": .text(model.repo.path),
            "commit": .text(model.commit.hex),
            "manifest": .text(model.manifest.description),
            "environment": .object(runtime.environment.mapValues { .text($0) }),
            "replicas": .integer(Int64(runtime.replicas)),
            "memory": .integer(runtime.memory)
        ]
        switch runtime.kind {
        case .process(let command): members["command"] = .list(command.map { .text($0) })
        case .external(let urls): members["urls"] = .list(urls.map { .text($0) })
        }
        if let digest = runtime.digest { members["runtime"] = .text(digest.description) }
        return .object(members)
    }
}
