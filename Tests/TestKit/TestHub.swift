package import Blobs
package import Catalog
package import Core
import Hashing
package import Hub
import Logging
import Synchronization

/// A hub in a temporary folder: real files, real SQLite, a clock that the test turns. Its site
/// admin is `admin`; other people come into being by being named.
package final class TestHub: Sendable {
    package let folder: TestFolder
    package let clock: TestClock
    package let root: DataRoot
    package let hub: Hub
    package let admin: Principal
    package static let adminSecret = "hf_secretOfTheAdminOfTheTestHub0000000000000"

    /// Opens what is in `folder/data`, or makes it.
    package init(
        in folder: TestFolder? = nil, clock: TestClock = TestClock(), probe: Probe = Probe(), limits: Limits = Limits()
    ) async throws {
        self.folder = try folder ?? TestFolder()
        self.clock = clock
        root = try DataRoot.open(self.folder.file("data"))
        let chance = Mutex(Chance(UInt64(bitPattern: clock.now.milliseconds)))
        let catalog = try Catalog(path: root.layout.catalog, readers: 4) { Digest(of: $0) }
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        hub = Hub(
            root: root, blobs: DiskBlobStore(root: root, probe: probe, threads: 2, clock: { clock.now }), catalog: catalog, limits: limits,
            probe: probe, logger: logger, clock: { clock.now }, randomBytes: { count in chance.withLock { $0.bytes(count) } })
        _ = try await hub.makeFirstToken(secret: Self.adminSecret) { _ in }
        admin = try hub.principal(secret: Self.adminSecret).principal
    }

    /// The folder can be opened again after this, once nobody holds this object.
    package func close() async { await hub.catalog.close() }

    package func token(_ user: String, role: Role = .writer, seconds: Int64? = nil) async throws -> String {
        try await hub.createToken(
            name: "\(role)", role: role, expiresInSeconds: seconds, user: try OwnerName(parsing: user), by: admin
        ).secret
    }

    /// A user by name, made where needed, through a new token of that role.
    package func user(_ name: String, role: Role = .writer) async throws -> Principal {
        try hub.principal(secret: try await token(name, role: role)).principal
    }

    /// The whole log.
    package func events() throws -> [EventFacts] { try hub.catalog.read { try $0.events(after: 0, repo: nil, limit: .max) } }

    /// What the log says since `count` events, such as `version.created`.
    package func actions(since count: Int) throws -> [String] { try events().dropFirst(count).map(\.action) }

    package func rows() throws -> CatalogRows { try CatalogRows(of: root.layout.catalog) }

    package func verify() async throws -> VerifyOutcome {
        try await hub.verifyStore(bytesPerSecond: nil, by: admin) { _, _ in }
    }

    package func collect(dry: Bool = false, grace: Int64 = 86_400) async throws -> CollectOutcome {
        try await hub.collect(isDryRun: dry, graceSeconds: grace, by: admin)
    }
}
