import Core
import Foundation
import Glibc
import Release
import Testing

@testable import Fleet

@Suite("small things of the fleet") struct SmallThingsTests {
    @Test(
        "only the three names are filled in",
        arguments: [
            ("", ""), ("${port}", "80"), ("--p=${port},${port}", "--p=80,80"), ("${model.path}/x", "/m ${port}/x"), ("${slot}", "3"),
            ("${other} $port ${", "${other} $port ${"), ("${port", "${port"), ("$${port}", "$80"), ("${${port}}", "${${port}}")
        ])
    func fill(_ text: String, _ filled: String) {
        #expect(Launch.fill(text, model: "/m ${port}", port: 80, slot: 3) == filled)
    }

    @Test(
        "the address of an external server",
        arguments: [
            ("http://10.0.0.7:8000/v1", "10.0.0.7", 8000, "/v1"), ("http://host", "host", 80, ""), ("http://host/", "host", 80, ""),
            ("http://[::1]:9/a/b/", "::1", 9, "/a/b"), ("http://[fe80::1]", "fe80::1", 80, "")
        ])
    func external(_ url: String, _ host: String, _ port: Int, _ base: String) throws {
        #expect(try ExternalAddress.parse(url, slot: 2) == ReplicaAddress(slot: 2, host: host, port: port, basePath: base))
    }

    @Test(
        "what is no address of a server",
        arguments: [
            "", "host:80", "https://host", "http://", "http://:80", "http://host:0", "http://host:x", "http://a b", "http://u@h", "http://h/?q"
        ])
    func notExternal(_ url: String) {
        #expect(throws: HubError.self) { try ExternalAddress.parse(url, slot: 0) }
    }

    @Test(
        "an answer against a check",
        arguments: [
            (GoldenCheck(path: "/", expectStatus: 200), 500, "boom", "expected status 200, got 500: boom"),
            (GoldenCheck(path: "/", expectStatus: 404), 404, "", nil), (GoldenCheck(path: "/", expectContains: ["a", "b"]), 200, "xbxa", nil),
            (GoldenCheck(path: "/", expectContains: ["a", "c"]), 200, "ab", "does not hold 'c'"),
            (GoldenCheck(path: "/", expectJSON: ["": "1"]), 200, "not json", "the answer is not JSON: not json"),
            (GoldenCheck(path: "/", expectJSON: ["/a": "nope"]), 200, "{}", "which is not JSON"),
            (GoldenCheck(path: "/", expectJSON: ["/a/0/b~1c~0d": #""x""#]), 200, #"{"a":[{"b/c~d":"x"}]}"#, nil),
            (GoldenCheck(path: "/", expectJSON: ["/a": "1"]), 200, #"{"a":1.0}"#, nil),
            (GoldenCheck(path: "/", expectJSON: ["/a": "true"]), 200, #"{"a":1}"#, "expected true at /a, got 1.0"),
            (GoldenCheck(path: "/", expectJSON: ["/a": "null"]), 200, #"{"a":null}"#, nil),
            (GoldenCheck(path: "/", expectJSON: ["/a": "1"]), 200, #"{"b":1}"#, "nothing at /a"),
            (GoldenCheck(path: "/", expectJSON: ["/a/00": "1"]), 200, #"{"a":[1]}"#, "nothing at /a/00"),
            (GoldenCheck(path: "/", expectJSON: ["a": "1"]), 200, #"{"a":1}"#, "nothing at a"),
            (GoldenCheck(path: "/", expectJSON: ["/a": #"{"x":[1,2]}"#]), 200, #"{"a":{"x":[1,2]}}"#, nil),
            (GoldenCheck(path: "/", expectLength: ["/a": 2]), 200, #"{"a":[1,2]}"#, nil),
            (GoldenCheck(path: "/", expectLength: ["/a": 3]), 200, #"{"a":[1,2]}"#, "expected an array of 3 at /a, got 2"),
            (GoldenCheck(path: "/", expectLength: ["/a": 3]), 200, #"{"a":"abc"}"#, "no array at /a")
        ] as [(GoldenCheck, Int, String, String?)])
    func judge(_ check: GoldenCheck, _ status: Int, _ body: String, _ objection: String?) {
        let found = check.objection(status: status, body: Array(body.utf8))
        if let objection { #expect(found?.contains(objection) == true, "\(found ?? "none")") } else { #expect(found == nil) }
    }

    @Test(
        "the tail of a log is whole lines",
        arguments: [(0, ""), (2, ""), (3, "cc\n"), (4, "cc\n"), (6, "cc\n"), (7, "bbb\ncc\n"), (10, "aa\nbbb\ncc\n"), (99, "aa\nbbb\ncc\n")])
    func tail(_ bytes: Int, _ text: String) throws {
        try withFolder { folder in
            try "aa\nbbb\ncc\n".write(toFile: folder + "/log", atomically: true, encoding: .utf8)
            #expect(BoundedLog.tail(folder + "/log", bytes: bytes) == text)
            #expect(BoundedLog.tail(folder + "/none", bytes: 10) == "")
        }
    }

    @Test("shortening keeps the younger half in whole lines, and what fits as it is")
    func trim() throws {
        try withFolder { folder in
            let path = folder + "/log"
            let lines = (0..<100_000).map { "line \($0)\n" }.joined()
            try lines.write(toFile: path, atomically: true, encoding: .utf8)
            try BoundedLog.trim(path, limit: lines.utf8.count)
            #expect(Files.read(path, limit: 1 << 24) == Array(lines.utf8))
            try BoundedLog.trim(path, limit: 1_000_000)
            let kept = String(decoding: try #require(Files.read(path, limit: 1 << 24)), as: UTF8.self)
            #expect(kept.utf8.count <= 500_000 && kept.utf8.count > 499_900)
            #expect(kept.hasPrefix("line ") && lines.hasSuffix(kept))
            // One endless line is not kept in part.
            try String(repeating: "x", count: 2_000_000).write(toFile: path, atomically: true, encoding: .utf8)
            try BoundedLog.trim(path, limit: 1_000_000)
            #expect(Files.read(path) == [])
        }
    }

    @Test(
        "how a process ended",
        arguments: [
            (Int32(0), "", "the process ended with status 0; it printed nothing", false, false),
            (3 << 8, "a\nb\n", "status 3; its last lines: a | b", false, false), (9, "", "signal 9", false, false),
            (1 << 8, "torch.OutOfMemoryError: CUDA out of memory.\n", "status 1, out of memory;", true, false),
            (1 << 8, "OSError: [Errno 98] Address already in use\n", "status 1;", false, true)
        ])
    func exits(_ status: Int32, _ log: String, _ words: String, _ isOutOfMemory: Bool, _ isPortTaken: Bool) throws {
        try withFolder { folder in
            try log.write(toFile: folder + "/log", atomically: true, encoding: .utf8)
            let facts = ExitFacts(status: status, log: folder + "/log", oomKillsBefore: ExitFacts.oomKills())
            #expect(facts.text.contains(words), "\(facts.text)")
            #expect(facts.isOutOfMemory == isOutOfMemory && facts.isPortTaken == isPortTaken)
            let unknown = ExitFacts(status: nil, log: folder + "/none", oomKillsBefore: nil)
            #expect(unknown.text.contains("not known"))
        }
    }

    @Test("killed while the kernel counts one more for want of memory is out of memory", arguments: [Int32(9), 137 << 8])
    func killed(_ status: Int32) throws {
        guard let kills = ExitFacts.oomKills() else { return }
        try withFolder { folder in
            #expect(!ExitFacts(status: status, log: folder + "/log", oomKillsBefore: kills).isOutOfMemory)
            // As if there had been one fewer before.
            #expect(ExitFacts(status: status, log: folder + "/log", oomKillsBefore: kills &- 1).isOutOfMemory == (kills > 0))
            #expect(!ExitFacts(status: 15, log: folder + "/log", oomKillsBefore: 0).isOutOfMemory)
        }
    }

    @Test("a process is known by its number, its start and the boot")
    func stamp() throws {
        let ours = try #require(ProcessStamp.of(getpid()))
        #expect(ours.isAlive && ours.startTime > 0 && ours.boot.count == 36)
        var other = ours
        other.startTime += 1
        #expect(!other.isAlive)
        other = ours
        other.boot = "another"
        #expect(!other.isAlive)
        #expect(ProcessStamp.of(0x3FFF_FFFF) == nil)
    }

    @Test("two picks that know of each other differ")
    func ports() throws {
        let first = try FreePort.pick(except: [])
        #expect(try FreePort.pick(except: [first]) != first)
        #expect((1024...65_535).contains(first))
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/fleet-\(UUID().uuidString.prefix(8))"
        try Files.makeFolders(folder)
        defer { #expect(throws: Never.self) { try Files.removeTree(folder) } }
        try body(folder)
    }
}
