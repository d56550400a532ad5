import Core
import Foundation
import Hub
import TestKit
import Testing
import XetFormat

/// Keeps a copy of the data folder at each step, as a power cut would leave it, and opens it.
@Suite("Xet cut off at any step")
struct CrashTests {
    static func each(_ stops: Stops, _ clock: TestClock, _ check: (Checkpoint, TestHub) async throws -> Void) async throws {
        #expect(stops.failure == nil)
        for (step, folder) in stops.copies {
            let cut = try await TestHub(in: folder, clock: TestClock(clock.now))
            _ = try await cut.hub.recoverTrash()
            #expect(try await cut.verify().isWhole, "\(step.rawValue)")
            try await check(step, cut)
            cut.clock.turn(days: 2)
            _ = try await cut.collect()
            #expect(try await cut.verify().isWhole, "\(step.rawValue)")
            await cut.close()
        }
    }

    @Test("a xorb is known whole or not at all, and can be sent again")
    func xorb() async throws {
        let stops = Stops()
        let test = try await TestHub(probe: stops.probe)
        let xorb = SampleXorb(seed: 1)
        let steps: [Checkpoint] = [.ingestCreated, .ingestRenamed, .xorbStored, .xorbListed, .xorbCommitted]
        stops.watch(test.folder, Set(steps))
        try await test.send(xorb, by: test.admin)
        stops.rest()
        #expect(Set(stops.copies.map(\.step)) == Set(steps))
        try await Self.each(stops, test.clock) { (step, cut) async throws in
            #expect(try await (cut.hub.xorb(xorb.hash, for: cut.admin) != nil) == (step == .xorbCommitted), "\(step.rawValue)")
            #expect(try await cut.send(xorb, by: cut.admin) == (step != .xorbCommitted))
            #expect(try await cut.register(SampleFile([(xorb, 1..<3)]), by: cut.admin))
        }
        await test.close()
    }

    @Test("the files of a shard are published together or not at all, and can be registered again")
    func shard() async throws {
        let stops = Stops()
        let test = try await TestHub(probe: stops.probe)
        let xorb = SampleXorb(seed: 1)
        try await test.send(xorb, by: test.admin)
        let files = [SampleFile([(xorb, 1..<3)]), SampleFile([(xorb, 0..<2), (xorb, 3..<5)])]
        let steps: [Checkpoint] = [.shardChecked, .shardFilesStored, .shardInTransaction, .shardCommitted]
        stops.watch(test.folder, Set(steps))
        try await test.register(files.map(\.shard), by: test.admin)
        stops.rest()
        #expect(stops.copies.map(\.step) == steps)
        try await Self.each(stops, test.clock) { (step, cut) async throws in
            let isThere = step == .shardCommitted
            #expect(try cut.rows().count("xet_file") == (isThere ? 2 : 0), "\(step.rawValue)")
            #expect(try await cut.register(files.map(\.shard), by: cut.admin) == !isThere)
            for file in files { #expect(try await cut.read(file.digest) == file.bytes) }
            try await cut.publish([("a", files[0]), ("b", files[1])], to: "acme/whale", by: cut.admin)
        }
        await test.close()
    }

    @Test("a xorb that is becoming a recipe can be read at every step, and a collection ends it")
    func reform() async throws {
        let stops = Stops()
        let test = try await TestHub(probe: stops.probe)
        let xorb = SampleXorb(seed: 1)
        let file = SampleFile([(xorb, 3..<5), (xorb, 0..<3)])
        try await test.send(file.bytes, by: test.admin)
        try await test.send(xorb, by: test.admin)
        stops.watch(test.folder, [.shardCommitted, .reformNamed, .reformDropped])
        try await test.register(file, by: test.admin)
        stops.rest()
        #expect(stops.copies.map(\.step) == [.shardCommitted, .reformNamed, .reformDropped])
        for (step, folder) in stops.copies {
            let cut = try await TestHub(in: folder, clock: TestClock(test.clock.now))
            #expect(try await cut.hub.recoverTrash() == 0, "\(step.rawValue)")
            #expect(try await cut.read(xorb.digest) == xorb.raw, "\(step.rawValue)")
            #expect(try await cut.verify().isWhole)
            #expect(try await cut.collect().reformed == (step == .reformNamed ? 1 : 0), "\(step.rawValue)")
            if step == .shardCommitted { try await cut.register(file, by: cut.admin) }
            #expect(try cut.isRecipe(xorb.digest) && !cut.isWhole(xorb.digest), "\(step.rawValue)")
            #expect(try await cut.read(xorb.digest) == xorb.raw)
            #expect(try await cut.verify().isWhole)
            await cut.close()
        }
        await test.close()
    }
}
