import Core
import Hashing
import Hub
import LFS
import TestKit
import Testing
import Wire

@Suite("transfers")
struct TransferTests {
    /// 65 MiB: three parts, the last of them short.
    static let large = [UInt8](repeating: 1, count: 32 << 20) + [UInt8](repeating: 2, count: 32 << 20) + [UInt8](repeating: 3, count: 1 << 20)
    static let partSize = 32 << 20

    private static func begin(_ server: DialectServer, _ oid: String, as ada: String) async throws -> JSONValue {
        let answer = try await server.batch("upload", [(oid, large.count)], transfers: ["basic", "multipart"], as: ada).json()
        #expect(answer["transfer"] == .text("multipart"))
        return try #require(answer["objects"]?[0]?["actions"])
    }

    private static func put(_ number: Int, _ upload: JSONValue, to server: DialectServer, _ bytes: [UInt8]? = nil) async throws -> HTTPProbe.Answer {
        let target = try #require(upload["header"]?["\(number)"]?.target)
        return try await server.ask(
            "PUT", target, bytes: bytes ?? Array(large[((number - 1) * partSize)..<min(number * partSize, large.count)]))
    }

    private static func list(_ oid: String, _ etags: [String]) -> String {
        let parts = etags.enumerated().map { "{\"partNumber\":\($0 + 1),\"etag\":\"\($1.replacing("\"", with: "\\\""))\"}" }
        return "{\"oid\":\"\(oid)\",\"parts\":[\(parts.joined(separator: ","))]}"
    }

    @Test("a large object comes in parts, in any order, and is whole after one POST, or two")
    func parts() async throws {
        try await DialectServer.run { server, ada in
            let oid = Digest(of: Self.large).hex
            let actions = try await Self.begin(server, oid, as: ada)
            let upload = try #require(actions["upload"])
            #expect(upload["header"]?.keys == ["chunk_size", "1", "2", "3"])
            #expect(upload["header"]?["chunk_size"] == .text("\(Self.partSize)"))
            let complete = try #require(upload["href"]?.target)

            var etags = ["", "", ""]
            for number in [3, 1] {
                let answer = try await Self.put(number, upload, to: server)
                #expect(answer.status == 200, "\(answer.text)")
                etags[number - 1] = try #require(answer["ETag"])
            }
            let tooSoon = try await server.ask("POST", complete, body: Self.list(oid, [etags[0], etags[0], etags[2]]))
            #expect(tooSoon.status == 422)
            #expect(try await Self.put(2, upload, to: server, [1, 2, 3]).status == 422)
            etags[1] = try #require(try await Self.put(2, upload, to: server)["ETag"])
            #expect(Set(etags).count == 3)

            #expect(try await server.ask("POST", complete, body: Self.list(oid, Array(etags.dropLast()))).status == 422)
            #expect(try await server.ask("POST", complete, body: Self.list(oid, etags.reversed())).status == 422)
            for _ in 0..<2 {
                let done = try await server.ask("POST", complete, body: Self.list(oid, etags))
                #expect(done.status == 200, "\(done.text)")
            }
            let verify = try #require(actions["verify"]?["href"]?.target)
            #expect(try await server.ask("POST", verify, body: "{\"oid\":\"\(oid)\",\"size\":\(Self.large.count)}").status == 200)
            let again = try await server.batch("upload", [(oid, Self.large.count)], transfers: ["multipart"], as: ada).json()
            #expect(again["objects"]?[0]?["actions"] == nil && again["objects"]?[0]?["error"] == nil)
        }
    }

    @Test("parts that make another object are refused when they are put together")
    func otherParts() async throws {
        try await DialectServer.run { server, ada in
            let oid = Digest(of: "something else").hex
            let upload = try #require(try await Self.begin(server, oid, as: ada)["upload"])
            var etags: [String] = []
            for number in 1...3 { etags.append(try #require(try await Self.put(number, upload, to: server)["ETag"])) }
            let answer = try await server.ask("POST", try #require(upload["href"]?.target), body: Self.list(oid, etags))
            #expect(answer.status == 422)
            #expect(answer.text.contains(oid))
            let missing = try await server.batch("download", [(oid, Self.large.count)], as: ada).json()
            #expect(missing["objects"]?[0]?["error"]?["code"] == .number(404))
        }
    }

    @Test("part numbers that there are not are refused, and strangers' completions too")
    func strangeParts() async throws {
        try await DialectServer.run { server, ada in
            let oid = Digest(of: Self.large).hex
            let upload = try #require(try await Self.begin(server, oid, as: ada)["upload"])
            let first = try #require(upload["header"]?["1"]?.target)
            for number in ["0", "4", "-1", "x", "99999999999999999999"] {
                let answer = try await server.ask("PUT", first.replacing("/parts/1?", with: "/parts/\(number)?"), bytes: [1])
                #expect(answer.status == 422, "\(number)")
            }
            let complete = try #require(upload["href"]?.target)
            #expect(try await server.ask("POST", complete, body: Self.list(Digest(of: "x").hex, ["a"])).status == 422)
            #expect(try await server.ask("POST", String(complete.prefix { $0 != "?" }), as: ada, body: Self.list(oid, ["a", "b", "c"])).status == 401)
        }
    }

    @Test("only what is large, and only where the client asks for it, comes in parts")
    func whenParts() async throws {
        try await DialectServer.run { server, ada in
            let (large, small) = (Digest(of: "large").hex, Digest(of: "small").hex)
            func transfer(_ objects: [(String, Int)], _ transfers: [String]) async throws -> JSONValue {
                try await server.batch("upload", objects, transfers: transfers, as: ada).json()
            }
            #expect(try await transfer([(large, 64 << 20)], [])["transfer"] == .text("basic"))
            #expect(try await transfer([(large, 64 << 20)], ["basic"])["transfer"] == .text("basic"))
            #expect(try await transfer([(small, (64 << 20) - 1)], ["multipart", "basic"])["transfer"] == .text("basic"))
            // An adapter of git-lfs knows no mixture.
            let mixed = try await transfer([(small, 5), (large, 64 << 20)], ["multipart", "basic"])
            #expect(mixed["transfer"] == .text("multipart"))
            #expect(mixed["objects"]?[0]?["actions"]?["upload"]?["header"]?.keys == ["chunk_size", "1"])
            #expect(mixed["objects"]?[1]?["actions"]?["upload"]?["header"]?.keys == ["chunk_size", "1", "2"])
        }
    }

    @Test("Xet is chosen for uploads where it is listed and served")
    func xet() async throws {
        let token: LFSRoutes.XetToken = { repo, who, isWrite, origin in
            guard repo.name == "whale" else { return nil }
            return ("\(origin.url)/renew/\(repo)", [("X-Xet-Access-Token", "\(who.name) \(isWrite)"), ("X-Xet-Cas-Url", "\(origin.url)/xet")])
        }
        try await DialectServer.run(xetToken: token) { server, ada in
            let object = (Digest(of: "krill").hex, 5)
            let chosen = try await server.batch("upload", [object], transfers: ["basic", "multipart", "xet"], as: ada).json()
            #expect(chosen["transfer"] == .text("xet"))
            #expect(
                chosen["objects"]?[0]?["actions"]
                    == .object([
                        "upload": .object([
                            "href": .text("http://localhost/renew/acme/whale"),
                            "header": .object(["X-Xet-Access-Token": .text("ada true"), "X-Xet-Cas-Url": .text("http://localhost/xet")])
                        ])
                    ]))
            #expect(try await server.batch("upload", [object], transfers: ["basic"], as: ada).json()["transfer"] == .text("basic"))
            #expect(try await server.batch("download", [object], transfers: ["basic", "xet"], as: ada).json()["transfer"] == .text("basic"))
            let elsewhere = try await server.batch("upload", [object], transfers: ["xet"], repo: "acme/secret", as: ada).json()
            #expect(elsewhere["transfer"] == .text("basic"))
            // Nobody gets a token by asking for nothing they may have.
            let eve = try await server.test.token("eve", role: .admin)
            #expect(try await server.batch("upload", [object], transfers: ["xet"], as: eve).status == 403)
        }
    }
}
