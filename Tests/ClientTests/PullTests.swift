import API
import Client
import Core
import Foundation
import Glibc
import Hashing
import Synchronization
import Testing

@Suite("Pulling")
struct PullTests {
    private func session(_ server: ScriptedServer) throws -> Session {
        try Session(server: ServerAddress(parsing: server.address), token: nil)
    }
    private func pull(_ server: ScriptedServer, into folder: String, _ options: PullOptions = PullOptions()) async throws -> PullSummary {
        let session = try session(server)
        let (_, lock) = try await session.files(of: RepoName(parsing: "acme/whale"), .main)
        return try await session.pull(lock, into: Destination(folder), options, progress: ProgressMeter())
    }

    @Test("a pulled folder holds the files and verifies; a second pull fetches nothing")
    func pulls() async throws {
        let hub = PretendHub()
        hub.hold([("config.json", Array("{}".utf8)), ("sub/ä weights.bin", [1, 2, 3]), ("same.bin", [1, 2, 3]), ("empty", [])])
        let server = try hub.start()
        let folder = try TestFolder()
        let first = try await pull(server, into: folder.path + "/whale")
        #expect(first.fetched == 3 && first.kept == 0 && first.files == 4)
        #expect(try folder.read("whale/sub/ä weights.bin") == [1, 2, 3])
        #expect(try folder.read("whale/same.bin") == [1, 2, 3])

        let second = try await pull(server, into: folder.path + "/whale")
        #expect(second.fetched == 0 && second.kept == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/whale/.grayling/incoming").isEmpty)
        let report = try await VerifyFolder.check(folder.path + "/whale", progress: ProgressMeter())
        #expect(report.isIntact && report.extra.isEmpty && report.files == 4)
    }

    @Test("verification finds what is missing, changed and extra; the next pull mends it")
    func verifies() async throws {
        let hub = PretendHub()
        hub.hold([("a", [1]), ("b", [2]), ("c", [3])])
        let server = try hub.start()
        let folder = try TestFolder()
        _ = try await pull(server, into: folder.path)
        unlink("\(folder.path)/a")
        try folder.write([9], to: "b")
        try folder.write("x", to: "sub/new")
        let report = try await VerifyFolder.check(folder.path, progress: ProgressMeter())
        #expect(!report.isIntact)
        #expect(report.missing == ["a"])
        #expect(report.changed.map(\.path) == ["b"])
        #expect(report.changed.first?.found == Digest(of: [9] as [UInt8]).description)
        #expect(report.extra == ["sub/new"])
        let mended = try await pull(server, into: folder.path)
        #expect(mended.kept == 1 && mended.fetched == 2)
        #expect(try await VerifyFolder.check(folder.path, progress: ProgressMeter()).isIntact)
    }

    @Test("a download that is cut in the middle goes on from there")
    func resumesWithinFile() async throws {
        let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 17 >> 4) }
        let cuts = Mutex(2)
        let hub = PretendHub()
        hub.hold([("model.bin", bytes)])
        let meddling = PretendHub { asked, _ in
            var answer = hub.answer(asked)
            let cuts = cuts.withLock { cuts in
                guard asked.path.contains("/resolve/"), cuts > 0 else { return false }
                cuts -= 1
                return true
            }
            if cuts { answer.cutAfter = 300_000 }
            return answer
        }
        let server = try meddling.start()
        let folder = try TestFolder()
        _ = try await pull(server, into: folder.path)
        #expect(try folder.read("model.bin") == bytes)
        let ranges = server.asked.filter { $0.path.contains("/resolve/") }.map { $0.headers["range"] }
        #expect(ranges == [nil, "bytes=300000-999999", "bytes=600000-999999"])
    }

    @Test("a pull that was stopped fetches only the ranges that are missing")
    func resumesBetweenRuns() async throws {
        let count = 40 << 20
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            for i in 0..<count { buffer[i] = UInt8(truncatingIfNeeded: i &* 2_654_435_761 >> 13) }
            filled = count
        }
        let hub = PretendHub()
        hub.hold([("model.bin", bytes)])
        let isBroken = Mutex(true)
        let folder = try TestFolder()
        let ledger = ".grayling/incoming/\(Digest(of: bytes).hex).ranges"
        let meddling = PretendHub { asked, _ in
            guard isBroken.withLock({ $0 }), asked.headers["range"]?.hasPrefix("bytes=16777216-") == true else { return hub.answer(asked) }
            // Refused only when the other two ranges are on disk: 0 and 2.
            for _ in 0..<200 where (try? folder.text(ledger).split(separator: "\n").count) != 3 { usleep(50_000) }
            return .problem("not-permitted", "stopped by the test", status: 403)
        }
        let server = try meddling.start()
        await #expect(throws: HubError.self) { try await pull(server, into: folder.path) }
        #expect(!folder.exists("model.bin"))
        let before = server.asked.count
        isBroken.withLock { $0 = false }
        _ = try await pull(server, into: folder.path)
        let ranges = server.asked[before...].compactMap { $0.headers["range"] }
        #expect(ranges == ["bytes=16777216-33554431"])
        #expect(try folder.read("model.bin") == bytes)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/.grayling/incoming").isEmpty)
    }

    @Test("bytes that do not match never get a name")
    func damaged() async throws {
        let hub = PretendHub()
        hub.hold([("a", [1, 2, 3])])
        let meddling = PretendHub { asked, _ in
            asked.path.contains("/resolve/") ? ScriptedServer.Answer(body: [1, 2, 4]) : hub.answer(asked)
        }
        let folder = try TestFolder()
        let server = try meddling.start()
        let error = await #expect(throws: HubError.self) { try await pull(server, into: folder.path) }
        #expect(error?.code == .digestMismatch)
        #expect(!folder.exists("a") && !folder.exists(".grayling/lock.json"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/.grayling/incoming").isEmpty)
    }

    @Test("a list of files that does not match its manifest is refused before anything is fetched")
    func listMismatch() async throws {
        let hub = PretendHub()
        hub.hold([("a", [1])])
        let meddling = PretendHub { asked, _ in
            asked.path.hasSuffix("/files")
                ? .json(
                    #"{"items":[{"path":"a","size":1,"digest":"sha256:\#(Digest(of: [2] as [UInt8]).hex)","gitID":"","storage":"regular","isExecutable":false}]}"#
                )
                : hub.answer(asked)
        }
        let folder = try TestFolder()
        let server = try meddling.start()
        let error = await #expect(throws: HubError.self) { try await pull(server, into: folder.path) }
        #expect(error?.code == .digestMismatch)
    }

    @Test("a link in the way is never followed out of the folder")
    func links() async throws {
        let hub = PretendHub()
        hub.hold([("sub/a", [1]), ("b", [2])])
        let server = try hub.start()
        let outside = try TestFolder()
        try outside.write("mine", to: "b")
        let folder = try TestFolder()
        folder.link("sub", to: outside.path)
        let error = await #expect(throws: HubError.self) { try await pull(server, into: folder.path) }
        #expect(error?.code == .invalidPath)
        #expect(!outside.exists("a"))

        // A link in the place of a file is replaced; what it led to stays.
        unlink("\(folder.path)/sub")
        unlink("\(folder.path)/b")
        folder.link("b", to: "\(outside.path)/b")
        _ = try await pull(server, into: folder.path)
        #expect(try outside.text("b") == "mine")
        #expect(try folder.read("b") == [2])
    }

    @Test("a repo cannot write into our own folder")
    func ownFolder() async throws {
        let hub = PretendHub()
        hub.hold([(".grayling/lock.json", [1])])
        let folder = try TestFolder()
        let server = try hub.start()
        let error = await #expect(throws: HubError.self) { try await pull(server, into: folder.path) }
        #expect(error?.code == .invalidPath)
        #expect(!folder.exists(".grayling/lock.json"))
    }

    @Test("a path that climbs out is refused", arguments: ["../evil", "/etc/evil", "a/../../evil", ".git/hooks/x"])
    func zipSlip(_ path: String) async throws {
        let hub = PretendHub()
        hub.hold([("a", [1])])
        let meddling = PretendHub { asked, _ in
            asked.path.hasSuffix("/files")
                ? .json(
                    #"{"items":[{"path":"\#(path)","size":1,"digest":"sha256:\#(Digest(of: [1] as [UInt8]).hex)","gitID":"","storage":"regular","isExecutable":false}]}"#
                )
                : hub.answer(asked)
        }
        let folder = try TestFolder()
        let server = try meddling.start()
        let error = await #expect(throws: HubError.self) { try await pull(server, into: folder.path + "/in") }
        #expect(error?.code == .invalidPath)
    }

    @Test("with a cache, the second folder needs no network; a damaged blob is fetched anew", arguments: [false, true])
    func caches(_ links: Bool) async throws {
        let hub = PretendHub()
        hub.hold([("a", [1, 2]), ("b", [1, 2]), ("c", [3])])
        let server = try hub.start()
        let folder = try TestFolder()
        var options = PullOptions()
        options.cache = try ContentCache(folder.path + "/cache")
        options.linksFromCache = links
        #expect(try await pull(server, into: folder.path + "/one", options).fetched == 2)
        #expect(try await pull(server, into: folder.path + "/two", options).fetched == 0)
        #expect(try folder.read("two/b") == [1, 2])
        let hex = Digest(of: [3] as [UInt8]).hex
        let cached = "\(folder.path)/cache/sha256/\(hex.prefix(2))/\(hex)"
        chmod(cached, 0o644)
        try Data([7]).write(to: URL(fileURLWithPath: cached))
        #expect(try await pull(server, into: folder.path + "/three", options).fetched == 1)
        #expect(try folder.read("three/c") == [3])
    }

    @Test("an archive holds the files and is the same twice; a wrong byte leaves it without its end")
    func archives() async throws {
        let hub = PretendHub()
        hub.hold([("a", [1, 2]), ("ä/b", Array(repeating: 5, count: 100_000)), ("empty", [])])
        let server = try hub.start()
        let folder = try TestFolder()
        let session = try session(server)
        let (info, lock) = try await session.files(of: RepoName(parsing: "acme/whale"), .main)
        for name in ["one.tar", "two.tar", "one.zip"] {
            let descriptor = open("\(folder.path)/\(name)", O_WRONLY | O_CREAT, 0o644)
            try await session.pull(lock, info, as: name.hasSuffix("zip") ? .zip : .tar, to: descriptor, progress: ProgressMeter())
            close(descriptor)
        }
        #expect(try folder.read("one.tar") == folder.read("two.tar"))
        for name in ["one.tar", "one.zip"] {
            let source = try await PublishSource.open("\(folder.path)/\(name)")
            let hashed = try await HashFiles.hash(source.files, progress: ProgressMeter())
            #expect(hashed.map(\.path) == lock.files.map(\.path))
            #expect(hashed.map(\.digest) == lock.files.map(\.digest))
        }
        hub.state.withLock { $0.blobs[Digest(of: [1, 2] as [UInt8]).description] = [1, 3] }
        let descriptor = open("\(folder.path)/bad.tar", O_WRONLY | O_CREAT, 0o644)
        await #expect(throws: HubError.self) { try await session.pull(lock, info, as: .tar, to: descriptor, progress: ProgressMeter()) }
        close(descriptor)
        #expect(try folder.read("bad.tar").count < folder.read("one.tar").count)
    }
}
