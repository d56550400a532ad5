import Core
import Logging
import Release

/// Holds the machines of all backends and carries out what they say. One event after the other; whatever takes time
/// happens elsewhere and comes back as an event.
actor Supervisor {
    let layout: FleetLayout
    let settings: FleetSettings
    let confinement: Confinement
    let materialise: Fleet.Materialise
    let logger: Logger
    let inFlight: @Sendable (BackendID) -> Int
    let lastRequest: @Sendable (BackendID) -> Milliseconds?
    let report: @Sendable (ReplicaReport) -> Void
    /// Everything that happens outside comes in here, in order.
    let inbox: AsyncStream<News>.Continuation

    var machines: [BackendID: BackendMachine] = [:]
    var replicas: [ReplicaKey: Replica] = [:]
    /// Processes of backends that nobody wants, being ended.
    var leavers: [Int32: (watch: ReplicaWatch, backend: BackendID)] = [:]
    /// Everything is being ended: no order starts anything any more.
    var isClosing = false
    var hasLeft = false

    struct ReplicaKey: Hashable, Sendable {
        var backend: BackendID
        var slot: Int
    }
    struct Replica {
        var run: Int
        var watch: ReplicaWatch
        var port: Int
        var oomKills: UInt64?
    }
    enum News: Sendable {
        case of(BackendID, BackendMachine.Event)
        case replica(ReplicaKey, run: Int, ReplicaWatch.News)
        case leaver(Int32)
        case tick
    }

    init(
        layout: FleetLayout, settings: FleetSettings, confinement: Confinement, materialise: @escaping Fleet.Materialise, logger: Logger,
        inFlight: @escaping @Sendable (BackendID) -> Int, lastRequest: @escaping @Sendable (BackendID) -> Milliseconds?,
        report: @escaping @Sendable (ReplicaReport) -> Void, inbox: AsyncStream<News>.Continuation
    ) {
        self.layout = layout
        self.settings = settings
        self.confinement = confinement
        self.materialise = materialise
        self.logger = logger
        self.inFlight = inFlight
        self.lastRequest = lastRequest
        self.report = report
        self.inbox = inbox
    }

    func start(_ order: BackendOrder) {
        if hasLeft || isClosing { return }
        if machines[order.backend] == nil { machines[order.backend] = BackendMachine(order, settings: settings) }
        feed(order.backend, .order(order))
    }

    func drain(_ backend: BackendID, deadline: Milliseconds) {
        if machines[backend] != nil { return feed(backend, .drain(deadline: deadline)) }
        report(.drained(backend, atDeadline: false))
    }

    func stop(_ backend: BackendID) {
        if machines[backend] != nil { return feed(backend, .stop) }
        removeFiles(backend)
    }

    func hear(_ news: News) {
        if hasLeft { return }
        switch news {
        case .of(_, .wake) where isClosing: break
        case .of(let backend, let event): feed(backend, event)
        case .replica(let key, let run, let news): hear(key, run, news)
        case .leaver(let pid):
            guard let leaver = leavers.removeValue(forKey: pid) else { return }
            if machines[leaver.backend] == nil, !leavers.values.contains(where: { $0.backend == leaver.backend }) { removeFiles(leaver.backend) }
        case .tick:
            for backend in machines.keys.sorted() { feed(backend, .tick(inFlight: inFlight(backend), lastRequest: lastRequest(backend))) }
            for key in replicas.keys { trimLog(key) }
        }
    }

    private func hear(_ key: ReplicaKey, _ run: Int, _ news: ReplicaWatch.News) {
        guard let replica = replicas[key], replica.run == run else { return }
        switch news {
        case .answers: feed(key.backend, .answers(slot: key.slot, run: run))
        case .silent(let text): feed(key.backend, .silent(slot: key.slot, run: run, text))
        case .exited(let status, let wasEnded):
            replicas[key] = nil
            attempt("removing a replica's record") { try Files.removeTree(layout.record(key.backend, key.slot)) }
            var facts = ExitFacts(status: status, log: layout.log(key.backend, key.slot), oomKillsBefore: replica.oomKills)
            if wasEnded { facts.isOutOfMemory = false }
            logger.info("replica ended", metadata: ["backend": "\(key.backend.short)", "slot": "\(key.slot)", "how": "\(facts.text)"])
            feed(key.backend, .exited(slot: key.slot, run: run, facts))
        }
    }

    func feed(_ backend: BackendID, _ event: BackendMachine.Event) {
        guard var machine = machines[backend] else { return }
        let actions = machine.handle(event, at: settings.steadyNow())
        machines[backend] = machine
        for action in actions { perform(action, of: backend) }
    }

    func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch { logger.error("\(what) failed", metadata: ["error": "\(error)"]) }
    }

    func removeFiles(_ backend: BackendID) {
        attempt("removing a backend's files") { try Files.removeTree(layout.backend(backend)) }
    }

    private func trimLog(_ key: ReplicaKey) {
        attempt("shortening a log") { try BoundedLog.trim(layout.log(key.backend, key.slot), limit: settings.logLimit) }
    }
}
