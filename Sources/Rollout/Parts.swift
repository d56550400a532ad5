package import Core
package import Logging
package import Release

/// What a conductor works with besides the hub. Everything that acts or measures is handed in.
package struct Parts: Sendable {
    /// Who this controller is, for the lease: the machine and the process, say.
    package var owner: String
    package var traffic: any TrafficDriver
    package var replicas: any ReplicaDriver
    /// Takes over what runs already, starts what is missing, ends the rest.
    package var adopt: @Sendable ([BackendOrder]) async -> Void = { _ in }
    package var inFlight: @Sendable (BackendID) -> Int = { _ in 0 }
    package var takeReports: @Sendable () -> [TrafficReport] = { [] }
    package var takeUsage: @Sendable () -> [Usage] = { [] }
    package var setTenants: @Sendable ([Tenant]) -> Void = { _ in }
    package var courier: any Courier
    package var clocks: Clocks
    package var memory: MachineMemory
    package var logger: Logger

    package init(
        owner: String, traffic: any TrafficDriver, replicas: any ReplicaDriver, courier: any Courier, clocks: Clocks, memory: MachineMemory,
        logger: Logger
    ) {
        self.owner = owner
        self.traffic = traffic
        self.replicas = replicas
        self.courier = courier
        self.clocks = clocks
        self.memory = memory
        self.logger = logger
    }
}

/// How often what is done.
package struct Rhythm: Sendable {
    package var tick: Milliseconds = 250
    /// So much of what was observed may be lost in a crash.
    package var save: Milliseconds = 1_000
    /// The same where only time has passed.
    package var saveIdle: Milliseconds = 5_000
    package var usage: Milliseconds = 5_000
    /// After something could not be stored.
    package var retry: Milliseconds = 1_000
    package init() {}
}
