import Core

/// Where the fleet keeps what: one folder a backend, with the model as it was pinned and one folder a replica.
/// Only `scratch` may be written by the model server.
struct FleetLayout: Sendable {
    let root: String

    func backend(_ id: BackendID) -> String { "\(root)/\(id.hex)" }
    func model(_ id: BackendID) -> String { "\(backend(id))/model" }
    /// The model while it is put together, and its predecessor while that is taken away.
    func newModel(_ id: BackendID) -> String { "\(backend(id))/model.new" }
    func oldModel(_ id: BackendID) -> String { "\(backend(id))/model.old" }
    func slots(_ id: BackendID) -> String { "\(backend(id))/slots" }
    func slot(_ id: BackendID, _ slot: Int) -> String { "\(slots(id))/\(slot)" }
    func record(_ id: BackendID, _ slot: Int) -> String { "\(self.slot(id, slot))/replica.json" }
    func log(_ id: BackendID, _ slot: Int) -> String { "\(self.slot(id, slot))/log" }
    func scratch(_ id: BackendID, _ slot: Int) -> String { "\(self.slot(id, slot))/scratch" }
}
