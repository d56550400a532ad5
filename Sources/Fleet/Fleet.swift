package import Core
package import Logging
package import Release
import Synchronization

/// Model servers as local processes: started over pinned files, watched, warmed, drained and ended.
/// - a server's processes live in sessions of their own: they outlive us and are adopted again;
/// - a server can read its model and write its scratch folder, and can alter nothing of the store;
/// - reports come in order, through the one handler.
package final class Fleet: ReplicaDriver, Sendable {
    /// Puts the files into the empty folder and verifies each of their bytes. `mayLink`: the bytes may be shared
    /// with the store; false where a model server could reach the store through them.
    package typealias Materialise = @Sendable (_ files: [PinnedFile], _ folder: String, _ mayLink: Bool) async throws -> Void

    /// Whether this kernel can keep a model server away from the store (Landlock, ABI 3 or later).
    package static var canConfine: Bool { Confinement.isPossible }

    private let supervisor: Supervisor
    private let layout: FleetLayout
    private let tasks: [Task<Void, Never>]
    /// Backends whose waking is on its way: many waiting requests are one event.
    private let waking = Mutex<Set<BackendID>>([])

    /// `folder`: the fleet's own, under the data root. `protect`: folders that no model server may write into.
    /// `inFlight` and `lastRequest` ask the gateway; both are called often. Reports are given from within the
    /// fleet: the handler must return at once and call nothing here.
    package init(
        folder: String, materialise: @escaping Materialise, protect: [String], settings: FleetSettings = FleetSettings(), logger: Logger,
        inFlight: @escaping @Sendable (BackendID) -> Int = { _ in 0 },
        lastRequest: @escaping @Sendable (BackendID) -> Milliseconds? = { _ in nil },
        report: @escaping @Sendable (ReplicaReport) -> Void
    ) throws(HubError) {
        try Files.makeFolders(folder, mode: 0o700)
        guard let root = Files.real(folder) else { throw HubError(.unavailable, "the fleet's folder \(folder) cannot be reached") }
        layout = FleetLayout(root: root)
        let (news, inbox) = AsyncStream.makeStream(of: Supervisor.News.self)
        let supervisor = Supervisor(
            layout: layout, settings: settings, confinement: Confinement(protect: protect + [root], writable: settings.writable),
            materialise: materialise, logger: logger, inFlight: inFlight, lastRequest: lastRequest, report: report, inbox: inbox)
        self.supervisor = supervisor
        if !Confinement.isPossible {
            logger.warning("this kernel cannot confine model servers (Landlock ABI 3, Linux 6.2): they get copies of their models")
        }
        tasks = [
            Task { for await one in news { await supervisor.hear(one) } },
            Task {
                while !Task.isCancelled {
                    // Cancelled: the loop ends by itself.
                    try? await Task.sleep(for: .milliseconds(settings.tick))
                    inbox.yield(.tick)
                }
            }
        ]
    }

    deinit {
        tasks[1].cancel()
        let supervisor = supervisor
        Task { await supervisor.leave() }
    }

    package func start(_ order: BackendOrder) async { await supervisor.start(order) }
    package func drain(_ backend: BackendID, deadline: Milliseconds) async { await supervisor.drain(backend, deadline: deadline) }
    package func stop(_ backend: BackendID) async { await supervisor.stop(backend) }
    package func replicas() async -> [ReplicaFacts] { await supervisor.facts() }

    package func wake(_ backend: BackendID) {
        guard waking.withLock({ $0.insert(backend).inserted }) else { return }
        Task {
            _ = waking.withLock { $0.remove(backend) }
            await supervisor.hear(.of(backend, .wake))
        }
    }

    /// After our own start: takes over the processes that run what is wanted, starts what is missing, ends the rest.
    /// Once it returns, `.serving` was reported for every adopted replica that answers.
    package func adopt(_ wanted: [BackendOrder]) async { await supervisor.adopt(wanted) }

    /// `keep`: the processes go on without us, to be adopted; else all are ended before this returns.
    package func stopAll(keep: Bool) async {
        await supervisor.stopAll(keep: keep)
        tasks[1].cancel()
    }

    /// The last `bytes` of what a replica printed, whole lines.
    package func logTail(_ backend: BackendID, slot: Int, bytes: Int = 8192) -> String {
        BoundedLog.tail(layout.log(backend, slot), bytes: min(bytes, 1 << 20))
    }
}
