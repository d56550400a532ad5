import Core
import Hashing
import Release
import Rollout
import Testing

@Suite("memory of the machine")
struct MachineMemoryTests {
    static func order(_ name: String, memory: Int64, replicas: Int = 1, isExternal: Bool = false) throws -> BackendOrder {
        let model = PinnedModel(
            repo: try RepoName(parsing: "acme/whale"), commit: try GitID(parsing: String(repeating: "a", count: 40)), manifest: Digest(of: name),
            version: "1.0")
        let kind: RuntimeSpec.Kind = isExternal ? .external(urls: ["http://127.0.0.1:1"]) : .process(command: ["x"])
        let spec = BackendSpec(
            endpoint: try EndpointName(parsing: "chat"), model: model, runtime: RuntimeSpec(kind: kind, replicas: replicas, memory: memory))
        return BackendOrder(backend: BackendID(Digest(of: name)), spec: spec, files: [])
    }

    @Test("a candidate fits where all that is wanted and it are not more than the machine has")
    func fits() throws {
        let plan = MachineMemory(bytes: 100)
        let (stable, other) = (try Self.order("stable", memory: 30, replicas: 2), try Self.order("other", memory: 10))
        #expect(plan.fits(try Self.order("new", memory: 30), beside: [stable, other]))
        #expect(!plan.fits(try Self.order("new", memory: 31), beside: [stable, other]))
    }

    @Test("what is wanted already is not counted twice, what leaves first not at all")
    func once() throws {
        let plan = MachineMemory(bytes: 100)
        let (stable, new) = (try Self.order("stable", memory: 60), try Self.order("new", memory: 40))
        #expect(plan.fits(new, beside: [stable, new]))
        let large = try Self.order("large", memory: 90)
        #expect(!plan.fits(large, beside: [stable]))
        #expect(plan.fits(large, beside: [stable], leaving: stable.backend))
    }

    @Test("a server elsewhere needs nothing here, and no number is too large to add")
    func edges() throws {
        let plan = MachineMemory(bytes: 100)
        #expect(plan.fits(try Self.order("new", memory: .max, isExternal: true), beside: []))
        #expect(!plan.fits(try Self.order("new", memory: .max, replicas: 3), beside: [try Self.order("stable", memory: .max)]))
        #expect(MachineMemory.need(of: try Self.order("none", memory: 5, replicas: -1)) == 0)
    }
}
