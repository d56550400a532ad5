import Core
package import Hub
import Logging
import Release
import Synchronization

/// Carries releases forward: turns ticks, reports and operators' orders into events, one at a time,
/// and sees to what follows from them.
/// - every event is stored by `hub.advance` before anything follows from it; what cannot be stored
///   did not happen;
/// - decisions are values (`Turn`); this actor only orders them and acts;
/// - one loop calls it: nothing here runs beside another part of it.
package actor Conductor {
    let hub: Hub
    let parts: Parts
    let rhythm: Rhythm
    package nonisolated let bell = Bell()
    package nonisolated let health: Health
    package nonisolated let desk: ReplicaDesk
    package nonisolated let metrics = ReleaseMetrics()
    let hookAnswers = Mutex<[HookAnswer]>([])
    let isStale = Mutex(true)

    var charges: [ReleaseID: Charge] = [:]
    /// Oldest first.
    var line: [ReleaseID] = []
    private var watch: ClockWatch
    var isInControl = false
    var controlLost = false
    var hasBooted = false
    /// Nothing is stored before this; set where storing failed.
    var retryAt: Milliseconds = 0
    /// By the number of the outbox item that asked for each.
    var drains: [Int64: DrainWatch] = [:]
    /// Lanes of the outbox that wait after a failure, by the steady clock.
    var held: [String: Milliseconds] = [:]
    var fitting: [ReleaseID: Bool] = [:]
    var savedAt: Milliseconds = 0
    var fullySavedAt: Milliseconds = 0
    var summarisedAt: Milliseconds = 0
    var ledger = Ledger()
    var knownTenants: [Tenant] = []
    var seenChanges: UInt64?

    package init(hub: Hub, parts: Parts, rhythm: Rhythm = Rhythm()) {
        self.hub = hub
        self.parts = parts
        self.rhythm = rhythm
        health = Health(parts.logger)
        watch = ClockWatch(parts.clocks)
        let bell = self.bell
        desk = ReplicaDesk(traffic: parts.traffic, onWarm: { hub.noteWarm($0) }, onNews: { bell.ring() })
    }

    /// What must be true before the first connection is accepted: the committed routes are in
    /// effect, wanted model servers are taken over or started, what was left undone is done.
    package func boot() async throws {
        hub.onServingChange { [weak self] in self?.noteChange() }
        await takeControl()
        let routes = try hub.currentRoutes()
        for route in routes { try await parts.traffic.apply(route) }
        refreshTenants()
        await parts.adopt(try hub.wantedBackends())
        await desk.settle()
        try refresh()
        for id in line {
            charges[id]?.waiting.append(.controllerStarted)
            // No step is taken before the release knows again what is in effect.
            if let route = routes.first(where: { $0.endpoint == id.endpoint }), charges[id]?.release.isRouted == true {
                charges[id]?.waiting.append(.routeApplied(generation: route.generation))
            }
        }
        await storeWaiting()
        await deliver()
        watch = ClockWatch(parts.clocks)
        hasBooted = true
    }

    /// Something was committed or reported: acts on it at once.
    package func respond() async {
        guard isInControl else { return }
        await catchUp()
        await storeWaiting()
        await deliver()
    }

    package func tick() async {
        let passage = watch.look(parts.clocks)
        let now = parts.clocks.steady()
        if let jump = passage.jump {
            parts.logger.notice("the wall clock jumped, or the machine slept", metadata: ["seconds": "\(jump / 1000)"])
        }
        takeReports(at: now)
        refreshTenants()
        if !isInControl, now >= retryAt { await takeControl() }
        guard isInControl, now >= retryAt else { return }
        await catchUp()
        await storeWaiting()
        for id in line { await turn(id, passage, at: now) }
        askHooks(at: now)
        watchDrains(at: now)
        await storeWaiting()
        await deliver()
        await save(at: now)
        await settleUsage(at: now)
        summarise(at: now)
    }

    /// Keeps what was observed, before the process ends.
    package func rest() async {
        takeReports(at: parts.clocks.steady())
        guard isInControl else { return }
        await save(at: .max)
        await settleUsage(at: .max)
    }
}
