import Core
import Foundation
import Glibc
import Release
import Synchronization
import Testing

@testable import Fleet

@Suite("after our own end, processes are taken over") struct AdoptionTests {
    @Test("what is wanted and alive is adopted without a restart; what is missing is started; the rest is ended")
    func adopt() async throws {
        try await Stage.with { stage in
            let file = try stage.addBlob("weights")
            let (kept, unwanted) = (try stage.order(["kept"], files: [file], replicas: 2), try stage.order(["unwanted", "child"], files: [file]))
            let first = try stage.fleet()
            await first.start(kept)
            await first.start(unwanted)
            await stage.untilServing(kept, 2)
            await stage.untilServing(unwanted)
            let (survivor, victim, other) = (stage.pid(kept, 0), stage.pid(kept, 1), stage.pid(unwanted))
            let addresses = stage.serving(kept)
            // As after a crash: nobody watches, nothing was said to the processes.
            await first.stopAll(keep: true)
            stage.reports.withLock { $0.removeAll() }
            kill(try #require(victim), SIGKILL)
            await stage.until("one has died meanwhile") { !stage.isRunning(victim) }
            #expect(stage.isRunning(survivor) && stage.isRunning(other))

            let second = try stage.fleet()
            await second.adopt([kept])
            #expect(stage.serving(kept) == [addresses[0]], "it is known to serve when adopt returns")
            #expect(stage.pid(kept, 0) == survivor)
            await stage.untilServing(kept, 2)
            #expect(stage.pid(kept, 0) == survivor && stage.pid(kept, 1) != victim)
            #expect(stage.materialised.withLock { $0 } == 2, "once a backend, before our end")
            await stage.until("the unwanted is gone, with its files") {
                !stage.isRunning(other) && Files.names(in: stage.fleetFolder) == [kept.backend.hex]
            }
            // Adopted is as good as started: watched, restarted, ended.
            kill(try #require(survivor), SIGKILL)
            await stage.until("another takes its place") { stage.pid(kept, 0) != survivor && stage.serving(kept).count == 2 }
            await second.stopAll(keep: false)
            #expect(stage.records() == [])
        }
    }

    @Test("kept processes go on when we stop, and serve the next of us")
    func keep() async throws {
        try await Stage.with { stage in
            let order = try stage.order()
            let first = try stage.fleet()
            await first.start(order)
            await stage.untilServing(order)
            let pid = stage.pid(order)
            await first.stopAll(keep: true)
            await first.start(order)
            #expect(stage.isRunning(pid))
            let second = try stage.fleet()
            await second.adopt([order])
            #expect(stage.pid(order) == pid && stage.serving(order).count == 1)
            await second.stop(order.backend)
            await stage.until("it is ended") { !stage.isRunning(pid) && Files.names(in: stage.fleetFolder) == [] }
        }
    }

    @Test("a record whose process is another by now ends nobody")
    func recycled() async throws {
        try await Stage.with { stage in
            // A process that merely has the number.
            let aside = stage.root + "/aside"
            try Files.makeFolders(aside)
            let bystander = try Launch(
                command: ["/bin/sleep", "600"], environment: [:], scratch: aside + "/scratch", log: aside + "/log", record: aside + "/record",
                confinement: Confinement(protect: [stage.data], writable: [])
            ).start(backend: try stage.order(["bystander"]).backend, slot: 0, port: 1)
            defer {
                kill(bystander.pid, SIGKILL)
                waitpid(bystander.pid, nil, 0)
            }
            let order = try stage.order()
            let stranger = try stage.order(["stranger"])
            for backend in [order.backend, stranger.backend] {
                var stamp = bystander
                stamp.startTime += 1
                let folder = "\(stage.fleetFolder)/\(backend.hex)/slots/0"
                try Files.makeFolders(folder)
                try ReplicaRecord(backend: backend, slot: 0, port: 1, process: stamp).write(to: folder + "/replica.json")
            }
            let fleet = try stage.fleet()
            await fleet.adopt([order])
            await stage.untilServing(order)
            #expect(bystander.isAlive)
            #expect(stage.pid(order) != bystander.pid)
            #expect(Files.names(in: stage.fleetFolder) == [order.backend.hex])
            await fleet.stopAll(keep: false)
        }
    }

    @Test("an adopted replica that hangs is not called ready")
    func hanging() async throws {
        try await Stage.with { stage in
            let order = try stage.order()
            let first = try stage.fleet()
            await first.start(order)
            await stage.untilServing(order)
            await first.stopAll(keep: true)
            try stage.say("sick")
            stage.reports.withLock { $0.removeAll() }
            let second = try stage.fleet()
            await second.adopt([order])
            #expect(stage.serving(order) == [])
            #expect(await second.replicas().map(\.state) == [.starting])
            unlink(stage.orders + "/sick")
            await stage.untilServing(order)
            await second.stopAll(keep: false)
        }
    }

    @Test("a preparation that our end cut short is done again over the running processes")
    func preparation() async throws {
        try await Stage.with { stage in
            let check = GoldenCheck(path: "/vectors", body: "{}")
            let order = try stage.order(files: [try stage.addBlob("weights")], preparation: BackendOrder.Preparation(warmup: 1, checks: [check]))
            let first = try stage.fleet()
            await first.start(order)
            await stage.until("it is ready") { stage.reported(.ready(order.backend)) }
            let pid = stage.pid(order)
            await first.stopAll(keep: true)
            stage.reports.withLock { $0.removeAll() }
            let second = try stage.fleet()
            await second.adopt([order])
            await stage.until("it is checked") { stage.reported(.checked(order.backend)) }
            #expect(stage.pid(order) == pid)
            #expect(stage.materialised.withLock { $0 } == 2, "verified again")
            await second.stopAll(keep: false)
        }
    }

    @Test("no program runs without a record that tells of it", arguments: [true, false])
    func record(_ isCancelled: Bool) async throws {
        try await Stage.with { stage in
            let order = try Known.order(command: ["/bin/sh", "-c", "echo ran"])
            let slot = "\(stage.fleetFolder)/slot"
            try Files.makeFolders(slot)
            let launch = Launch(
                command: ["/bin/sh", "-c", "echo ran"], environment: [:], scratch: slot + "/scratch", log: slot + "/log",
                // A record cannot be written where there is no folder.
                record: isCancelled ? slot + "/none/replica.json" : slot + "/replica.json",
                confinement: Confinement(protect: [stage.data], writable: []))
            if isCancelled {
                #expect(throws: HubError.self) { try launch.start(backend: order.backend, slot: 0, port: 1) }
                #expect(!Files.exists(slot + "/log"), "it never became the program")
            } else {
                let stamp = try launch.start(backend: order.backend, slot: 0, port: 1)
                #expect(ReplicaRecord.read(slot + "/replica.json")?.process == stamp)
                await stage.until("it ran") { Files.read(slot + "/log") == Array("ran\n".utf8) }
                var status: Int32 = 0
                waitpid(stamp.pid, &status, 0)
            }
        }
    }
}
