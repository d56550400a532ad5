package import Blobs
package import Catalog
package import Core
import Hashing
package import Logging
import Synchronization

/// The use-cases, one verb a file, and the only hand that changes anything: it says who may,
/// writes bytes before rows, and each change and its event in one transaction.
package final class Hub: Sendable {
    package let blobs: DiskBlobStore
    package let catalog: Catalog
    package let limits: Limits
    let root: DataRoot
    let probe: Probe
    let logger: Logger
    let clock: @Sendable () -> Instant
    /// So many bytes that nobody can guess.
    let randomBytes: @Sendable (Int) -> [UInt8]
    let isCaring = Mutex(false)
    private let changes = Atomic<UInt64>(0)
    let downloads = Mutex<[Int64: Int64]>([:])
    let capabilityKey = Mutex<Seal?>(nil)
    let serving = ServingState()

    /// How long announced and sent blobs are kept for a publish that is still to come: a day.
    package static let leaseSeconds: Int64 = 86_400

    package init(
        root: DataRoot, blobs: DiskBlobStore, catalog: Catalog, limits: Limits = Limits(), probe: Probe = Probe(), logger: Logger,
        clock: @escaping @Sendable () -> Instant, randomBytes: @escaping @Sendable (Int) -> [UInt8]
    ) {
        self.root = root
        self.blobs = blobs
        self.catalog = catalog
        self.limits = limits
        self.probe = probe
        self.logger = logger
        self.clock = clock
        self.randomBytes = randomBytes
    }

    package var now: Instant { clock() }

    /// One change, in one transaction that is on disk when this returns.
    func change<Value: Sendable>(by who: Principal, _ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        try await change(as: who.name, body)
    }

    /// The same by no person: `actor` is what the log says.
    func change<Value: Sendable>(as actor: String, _ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        let result = try await catalog.write(by: actor, at: clock(), body)
        // Before the answer is out: whoever was told of a change never sees the time before it.
        changes.wrappingAdd(1, ordering: .releasing)
        return result
    }

    /// Grows with every change to names, files, rights or tokens. What was read while it had one
    /// value is still so while it has that value.
    package var changeCount: UInt64 { changes.load(ordering: .acquiring) }
}

extension Principal {
    var userID: Int64? { user?.id }
    var seesAll: Bool { user?.isSiteAdmin ?? false }

    func requireUser() throws(HubError) -> User {
        guard let user else { throw HubError.signInNeeded }
        return user
    }

    func requireSiteAdmin() throws(HubError) {
        let user = try requireUser()
        guard user.isSiteAdmin, user.ceiling == .admin else {
            throw HubError(.notPermitted, "\(user.name) may not do this: it needs the server's own admin, with a token of the role admin")
        }
    }
}

extension Snapshot {
    /// The repo, if `who` may act in it as `role`; else the refusal that tells no more than it may.
    package func repo(_ name: RepoName, for who: Principal, as role: Role = .reader) throws -> RepoFacts {
        guard let found = try access(name, user: who.userID) else { throw HubError.unknownRepo(name) }
        try found.access.require(role, for: who)
        guard let repo = try repo(id: found.id) else { throw HubError.unknownRepo(name) }
        return repo
    }

    package func revision(_ spec: RevisionSpec, of repo: RepoFacts) throws -> RevisionFacts {
        guard let revision = try revision(spec, in: repo.id) else { throw HubError.unknownRevision(spec, of: repo.name) }
        return revision
    }
}

extension HubError {
    static func unknownRevision(_ spec: RevisionSpec, of repo: RepoName) -> HubError {
        HubError(
            .unknownRevision,
            spec == .main
                ? "\(repo) has no revision on main yet: nothing was published to it"
                : "\(repo) has no branch, version, alias or commit '\(spec)'; 'grayling show \(repo)' lists what there is")
    }
}
