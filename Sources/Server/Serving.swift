import Blobs
import Core
import Fleet
import Foundation
import Gateway
import Hub
import Logging
import NIOPosix
import Native
import Release
import Rollout
import ServiceLifecycle
import Synchronization

/// What serves models: the gateway, the fleet of model servers, and the conductor between them.
struct Serving: Sendable {
    private let gateway: Gateway
    private let fleet: Fleet
    private let conductor: Conductor
    private let postman: Postman
    private let keepsReplicas: Bool
    private let deadline: Int

    /// The fleet and the gateway each ask the other: this is how the first reaches the second.
    private final class Late<Value: Sendable>: Sendable {
        private let value = Mutex<Value?>(nil)
        func set(_ new: Value) { value.withLock { $0 = new } }
        var get: Value? { value.withLock { $0 } }
    }

    init(
        hub: Hub, settings: ServerSettings, address: (host: String, port: Int), layout: StorageLayout, loops: MultiThreadedEventLoopGroup,
        logger: Logger
    ) async throws {
        keepsReplicas = try settings.flag(settings.keepReplicas, "keep_replicas")
        deadline = try settings.number(settings.shutdownSeconds, "shutdown_seconds", in: 0...86_400)
        let memory = try settings.bytes(settings.machineMemory, "machine_memory") ?? Machine.memory()
        hub.setServingMachine(ServingMachine(memory: memory))

        var generator = SystemRandomNumberGenerator()
        let late = Late<Fleet>()
        let gateway = Gateway(
            settings: GatewaySettings(
                host: address.host, port: address.port, loops: loops, hashKey: try await hub.servingHashKey(), seed: generator.next(),
                logger: logger),
            wake: { late.get?.wake($0) })
        self.gateway = gateway

        var fleetSettings = FleetSettings()
        fleetSettings.writable = try settings.folders(settings.fleetWritable, "fleet_writable")
        let desk = Late<ReplicaDesk>()
        let blobs = hub.blobs
        let fleet = try Fleet(
            folder: layout.fleet,
            materialise: { files, folder, mayLink in
                _ = try await blobs.materialise(
                    files.map { PinnedBlob(path: $0.path, size: $0.size, digest: $0.digest, isExecutable: $0.isExecutable) }, into: folder,
                    mayLink: mayLink)
            },
            protect: [layout.root], settings: fleetSettings, logger: logger, inFlight: { gateway.inFlight(of: $0) },
            lastRequest: { gateway.lastRequest(of: $0) }, report: { desk.get?.receive($0) })
        self.fleet = fleet
        late.set(fleet)

        let clocks = Clocks(steady: { Machine.steady() }, wall: GraylingServer.clock)
        var parts = Parts(
            owner: "\(ProcessInfo.processInfo.hostName):\(getpid())", traffic: gateway, replicas: fleet, courier: CurlCourier(), clocks: clocks,
            memory: MachineMemory(bytes: memory ?? .max), logger: logger)
        parts.adopt = { await fleet.adopt($0) }
        parts.inFlight = { gateway.inFlight(of: $0) }
        parts.takeReports = { gateway.takeReports() }
        parts.takeUsage = { gateway.takeUsage() }
        parts.setTenants = { gateway.setTenants($0) }
        conductor = Conductor(hub: hub, parts: parts)
        desk.set(conductor.desk)
        let postman = Postman(hub: hub, courier: CurlCourier(), clocks: clocks, logger: logger)
        self.postman = postman
        hub.onServingChange { postman.bell.ring() }
    }

    /// Everything that must be true before the first connection is accepted, and then the gateway.
    /// - Returns: the gateway's port.
    func begin() async throws -> Int {
        try await conductor.boot()
        return try await gateway.listen()
    }

    /// In the order of their start; they end from the last to the first, so the gateway serves longest.
    var services: [ServiceGroupConfiguration.ServiceConfiguration] {
        [
            .init(service: GatewayService(gateway: gateway, deadline: Milliseconds(deadline) * 1000)),
            .init(service: ConductorService(conductor)), .init(service: PostmanService(postman))
        ]
    }

    /// When nothing is served any more: model servers end, or stay for the next start.
    func end() async { await fleet.stopAll(keep: keepsReplicas) }

    /// Prometheus' text format.
    func metrics() -> String { gateway.metrics() + conductor.metrics.render() }

    /// What keeps releases from moving; nil: nothing.
    var problem: String? { conductor.health.problem }

    /// What the native dialect tells of model servers that run.
    func native(isStopping: @escaping @Sendable () -> Bool) -> NativeServing {
        let fleet = self.fleet
        return NativeServing(
            replicas: { await fleet.replicas() },
            log: { backend, slot, bytes in
                guard await fleet.replicas().contains(where: { $0.backend == backend && $0.slot == slot }) else { return nil }
                return Array(fleet.logTail(backend, slot: slot, bytes: bytes).utf8)
            }, traffic: gateway.capabilities, isStopping: isStopping)
    }
}

/// Keeps the gateway until everything else has stopped.
private struct GatewayService: Service {
    let gateway: Gateway
    let deadline: Milliseconds

    func run() async throws {
        // Cancelled is stopped as well, only with less time.
        try? await gracefulShutdown()
        await gateway.stop(deadline: Task.isCancelled ? 0 : deadline)
    }
}
