import Core
import Foundation
import Glibc
import Release
import Synchronization
import Testing

@testable import Fleet

@Suite("cold backends, draining, servers of others") struct ColdTests {
    @Test("a cold backend starts with the first request, rests when nobody asks, and starts again")
    func cold() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try stage.order(mayRest: true) { $0.scaleToZero = .init(idle: 200, minResident: 100) }
            await fleet.start(order)
            #expect(await fleet.replicas().map(\.state) == [.cold])
            for _ in 0..<2 {
                for _ in 0..<100 { fleet.wake(order.backend) }
                await stage.untilServing(order)
                let pid = stage.pid(order)
                await stage.untilServing(order, 0)
                await stage.until("it is cold") { !stage.isRunning(pid) }
            }
            let starts = fleet.logTail(order.backend, slot: 0).split(separator: "\n").filter { $0.hasPrefix("starting") }
            #expect(starts.count == 2, "a hundred requests are one start")
            #expect(stage.materialised.withLock { $0 } == 1)
            await fleet.stopAll(keep: false)
        }
    }

    @Test("draining waits for what is under way, and then ends the process", arguments: [true, false])
    func drain(_ becomesIdle: Bool) async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try stage.order()
            await fleet.start(order)
            await stage.untilServing(order)
            let pid = stage.pid(order)
            stage.inFlight.withLock { $0 = 1 }
            await fleet.drain(order.backend, deadline: becomesIdle ? 600_000 : 150)
            await stage.until("it is marked") { stage.serving(order).first?.isDraining == true }
            if becomesIdle {
                #expect(stage.isRunning(pid))
                stage.inFlight.withLock { $0 = 0 }
            }
            await stage.until("it is drained") { stage.reported(.drained(order.backend, atDeadline: !becomesIdle)) }
            await stage.until("it is ended") { !stage.isRunning(pid) }
            #expect(stage.serving(order) == [])
            #expect(Files.exists("\(stage.fleetFolder)/\(order.backend.hex)/model"), "a rollback starts from it")
            await fleet.stopAll(keep: false)
        }
    }

    @Test("draining or stopping what is not there is done at once")
    func absent() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try stage.order()
            await fleet.drain(order.backend, deadline: 1000)
            #expect(stage.reports.withLock { $0 } == [.drained(order.backend, atDeadline: false)])
            await fleet.stop(order.backend)
            fleet.wake(order.backend)
            #expect(await fleet.replicas() == [])
        }
    }

    @Test("a server that somebody else runs is watched, warmed and checked, and never ended")
    func external() async throws {
        try await Stage.with { stage in
            let theirs = try stage.fleet()
            let running = try stage.order()
            await theirs.start(running)
            await stage.untilServing(running)
            let pid = stage.pid(running)
            let port = try #require(stage.serving(running).first?.port)

            let ours = try stage.fleet()
            let order = try stage.order(preparation: BackendOrder.Preparation(warmup: 1, checks: [GoldenCheck(path: "/vectors", body: "{}")])) {
                $0.kind = .external(urls: ["http://127.0.0.1:\(port)/"])
                $0.readiness.grace = 50
            }
            await ours.start(order)
            await stage.until("it is checked") { stage.reported(.checked(order.backend)) }
            #expect(stage.serving(order) == [ReplicaAddress(slot: 0, host: "127.0.0.1", port: port)])
            try stage.say("sick")
            await stage.untilServing(order, 0)
            await stage.until("it is unhealthy") {
                stage.reports.withLock { $0.contains { if case .unhealthy(order.backend, _) = $0 { true } else { false } } }
            }
            unlink(stage.orders + "/sick")
            await stage.untilServing(order)
            await ours.stop(order.backend)
            await stage.until("it is forgotten") { await ours.replicas() == [] }
            #expect(stage.isRunning(pid))
            await theirs.stopAll(keep: false)
        }
    }

    @Test("nothing that a server prints, and nothing that it leaves in its scratch folder, outlives stop")
    func stopAll() async throws {
        try await Stage.with { stage in
            let fleet = try stage.fleet()
            let order = try stage.order(files: [try stage.addBlob("weights")])
            await fleet.start(order)
            await stage.untilServing(order)
            let scratch = "\(stage.fleetFolder)/\(order.backend.hex)/slots/0/scratch"
            let code =
                #"{"code": "import os\nos.makedirs('a/b'); open('a/b/c', 'w').write('x'); os.chmod('a/b', 0o500); os.symlink('/tmp', 'a/tmp')"}"#
            _ = try await stage.ask(stage.serving(order).first, "/run", code)
            #expect(Files.exists(scratch + "/a/b/c"))
            await fleet.stop(order.backend)
            await stage.until("its files are gone") { Files.names(in: stage.fleetFolder) == [] }
            #expect(Files.exists("/tmp") && Files.exists(stage.blobs))
        }
    }
}
