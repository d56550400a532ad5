import Core
import Hub
import Logging
import Release
import Rollout
import Synchronization
import TestKit

/// A hub, its conductor, and pretend drivers, on clocks that a test turns.
final class Stage: Sendable {
    let test: TestHub
    let traffic = FakeTraffic()
    let replicas = FakeReplicas()
    let courier: FakeCourier
    let conductor: Conductor
    let postman: Postman
    let steady: SteadyClock
    private let chance: Mutex<Chance>

    var hub: Hub { test.hub }
    var admin: Principal { test.admin }

    init(_ test: TestHub? = nil, probe: Probe = Probe(), courier: FakeCourier = FakeCourier(), memory: Int64 = .max, seed: UInt64 = 1) async throws {
        let test = if let test { test } else { try await TestHub(probe: probe) }
        self.test = test
        self.courier = courier
        chance = Mutex(Chance(seed))
        let (traffic, replicas) = (self.traffic, self.replicas)
        let steady = SteadyClock()
        self.steady = steady
        let clocks = Clocks(steady: { steady.now }, wall: { test.clock.now })
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        var parts = Parts(
            owner: "test", traffic: traffic, replicas: replicas, courier: courier, clocks: clocks, memory: MachineMemory(bytes: memory),
            logger: logger)
        parts.adopt = { await replicas.adopt($0) }
        parts.inFlight = { backend in traffic.state.withLock { $0.inFlight[backend] ?? 0 } }
        parts.takeReports = { traffic.takeReports() }
        parts.takeUsage = {
            traffic.state.withLock { state in
                defer { state.usage = [] }
                return state.usage
            }
        }
        parts.setTenants = { tenants in traffic.state.withLock { $0.tenants = tenants } }
        let conductor = Conductor(hub: test.hub, parts: parts)
        self.conductor = conductor
        postman = Postman(hub: test.hub, courier: courier, clocks: clocks, logger: logger)
        let desk = conductor.desk
        replicas.state.withLock { $0.report = { [weak desk] in desk?.receive($0) } }
    }

    // MARK: time

    final class SteadyClock: Sendable {
        private let value = Mutex<Milliseconds>(1_000_000)
        var now: Milliseconds { value.withLock { $0 } }
        func turn(_ time: Milliseconds) { value.withLock { $0 += time } }
    }

    /// One tick of the rhythm: both clocks, the reports on their way, the conductor, and once more
    /// what its commands led to.
    func tick(_ time: Milliseconds = 250) async {
        steady.turn(time)
        test.clock.turn(milliseconds: time)
        await conductor.desk.settle()
        await conductor.tick()
        await settle()
    }

    /// Until nothing more follows from what was committed or reported.
    func settle() async {
        for _ in 0..<4 {
            await conductor.desk.settle()
            await conductor.respond()
        }
    }

    /// Ticks with traffic until `isDone`, or `limit` of time has passed.
    func run(
        for limit: Milliseconds = 7_200_000, perSecond: Double = 20, on endpoint: String = "chat", stable: Double = 0, candidate: Double = 0,
        until isDone: (Stage) throws -> Bool = { _ in false }
    ) async throws {
        var due = 0.0
        for _ in 0..<Int(limit / 250) {
            if try isDone(self) { return }
            due += perSecond / 4
            let count = Int(due)
            due -= Double(count)
            if count > 0 { send(count, on: endpoint, stable: stable, candidate: candidate) }
            await tick()
        }
    }

    // MARK: requests

    /// Requests drawn by the route in effect, each bad with its side's probability.
    func send(_ count: Int, on endpoint: String = "chat", stable: Double = 0, candidate: Double = 0) {
        guard let route = traffic.route(endpoint), let release = route.release else { return }
        let weight = route.target(.candidate)?.weight ?? 0
        let control = route.target(.control)?.weight ?? 0
        let now = steady.now
        let observations = chance.withLock { chance in
            (0..<count).map { _ in
                let draw = chance.number(0...9_999)
                let variant: Variant = draw < weight ? .candidate : draw >= 10_000 - control ? .control : .stable
                let isBad = Double(chance.number(0...999_999)) / 1_000_000 < (variant == .candidate ? candidate : stable)
                return Observation(
                    key: chance.next(), hasKey: false, variant: variant, candidateWeight: weight, known: 1, bad: isBad ? 1 : 0, at: now)
            }
        }
        traffic.state.withLock {
            $0.reports.append(TrafficReport(endpoint: route.endpoint, release: release, generation: route.generation, observations: observations))
        }
    }

    // MARK: releases

    func endpoint(_ name: String = "chat") throws -> EndpointName { try EndpointName(parsing: name) }

    /// A draft of `version` of acme/whale; publishes the version where it is new.
    func draft(
        _ version: String, on endpoint: String = "chat", strategy: Strategy = .brisk, memory: Int64 = 0,
        adjust: (inout ServingDraft) -> Void = { _ in }
    ) async throws -> ServingDraft {
        let repo = try RepoName(parsing: "acme/whale")
        if (try? await test.files(of: "acme/whale", at: version)) == nil {
            try await test.publish(["weights": "weights of \(version)", "README.md": "whale"], to: "acme/whale", version: version)
        }
        var draft = ServingDraft(
            endpoint: EndpointSpec(name: try self.endpoint(endpoint)), repo: repo, revision: try RevisionSpec(parsing: version),
            runtime: RuntimeSpec(kind: .process(command: ["serve", "${model.path}", "${port}"]), memory: memory), strategy: strategy,
            manifest: Hub.digest(ofManifest: "\(version) \(strategy)"))
        adjust(&draft)
        return draft
    }

    @discardableResult
    func apply(
        _ version: String, on endpoint: String = "chat", strategy: Strategy = .brisk, memory: Int64 = 0,
        adjust: (inout ServingDraft) -> Void = { _ in }
    ) async throws -> ReleaseID {
        let plan = try await hub.plan(try await draft(version, on: endpoint, strategy: strategy, memory: memory, adjust: adjust), by: admin)
        guard let id = try await hub.applyPlan(plan.hash, idempotencyKey: nil, by: admin).release?.id else { throw NoRelease() }
        return id
    }
    struct NoRelease: Error {}

    /// An endpoint whose `stable` is 1.0, and a conductor that has booted.
    static func serving(
        _ endpoint: String = "chat", probe: Probe = Probe(), memory: Int64 = .max, needs: Int64 = 0, seed: UInt64 = 1
    ) async throws -> Stage {
        let stage = try await Stage(probe: probe, memory: memory, seed: seed)
        try await stage.conductor.boot()
        let first = try await stage.apply("1.0", on: endpoint, memory: needs)
        for _ in 0..<4 { await stage.tick() }
        guard try stage.phase(first) == .succeeded else { throw NoRelease() }
        return stage
    }

    func release(_ id: ReleaseID) throws -> Release { try hub.release(id, for: admin).release }
    func phase(_ id: ReleaseID) throws -> Release.Phase { try release(id).phase }
    func order(_ id: ReleaseID, _ order: OperatorOrder) async throws {
        _ = try await hub.order(id, order, expected: .none, by: admin)
        await settle()
    }
    func events(_ id: ReleaseID) throws -> [ReleaseEventFacts] { try hub.releaseEvents(of: id, after: 0, limit: 10_000, for: admin) }
}

extension Strategy {
    /// The default steps, each a little shorter, and a short bake.
    static let brisk = Strategy(
        steps: [500, 1000, 2500, 5000].map { Step(weight: $0, minObserved: 20_000) }, bake: Bake(duration: 20_000, holdback: 500))
}
