import Core
import Foundation
import Hub
import Native
import TestKit
import Testing
import Wire
import Xet
import XetFormat

extension DialectServer {
    static func runXet<T: Sendable>(_ body: @escaping @Sendable (DialectServer) async throws -> T) async throws -> T {
        try await run(dialects: { [XetRoutes(hub: $0.hub), NativeRoutes(hub: $0.hub, facts: NativeFacts(version: "9.9.9"))] }, body)
    }

    /// A token of the chunk store, and the path that calls go behind.
    func xet(_ scope: String, _ repo: String = "ada/whale", as secret: String?) async throws -> (path: String, token: String) {
        let answer = try await ask("GET", "/api/models/\(repo)/xet-\(scope)-token/main", as: secret)
        guard answer.status == 200 else { throw HubError(.internalError, "no token: \(answer.text)") }
        let address = try #require(answer["X-Xet-Cas-Url"])
        return (try #require(URL(string: address)?.path()), try #require(answer["X-Xet-Access-Token"]))
    }
}

@Suite("the chunk store over HTTP")
struct ServerTests {
    struct Place: Sendable {
        let secret: String
        let write: (path: String, token: String)
        let xorb = SampleXorb(seed: 1)
        let file: SampleFile
    }

    /// A repo of Ada's, and a xorb that nobody has sent yet.
    static func place(_ server: DialectServer) async throws -> Place {
        let secret = try await server.test.token("ada")
        _ = try await server.ask("POST", "/hub/v1/models", as: secret, body: #"{"owner": "ada", "name": "whale"}"#)
        let xorb = SampleXorb(seed: 1)
        return Place(secret: secret, write: try await server.xet("write", as: secret), file: SampleFile([(xorb, 1..<4), (xorb, 0..<1)]))
    }

    @Test("a file goes up, is published, and comes down again, as the clients do it", arguments: [1, 2])
    func roundTrip(version: Int) async throws {
        try await DialectServer.runXet { (server) async throws in
            let place = try await Self.place(server)
            let (path, token) = place.write
            let xorb = "/v1/xorbs/default/\(place.xorb.hash)"
            let grant = "\(path)/v1/xorb-grants/default/\(place.xorb.hash)"
            let wish = #"{"length":1,"checksum":{"algo":"crc64nvme","value":"1"}}"#
            #expect(try await server.ask("GET", "\(path)/v1/chunks/default-merkledb/\(place.xorb.list[1].hash)", as: token).status == 404)
            #expect(try await server.ask("POST", grant, as: token, body: wish).status == 404)
            #expect(try await server.ask("HEAD", path + xorb, as: token).status == 404)
            for wasNew in [true, false] {
                let answer = try await server.ask("POST", path + xorb, as: token, bytes: place.xorb.serialised)
                #expect(answer.status == 200 && answer.text == #"{"was_inserted":\#(wasNew)}"#, "\(answer.text)")
            }
            #expect(try await server.ask("POST", grant, as: token, body: wish).status == 200)
            #expect(try await server.ask("HEAD", path + xorb, as: token)["Content-Length"] == "\(place.xorb.serialised.count)")
            let shard = ShardWriter.upload(files: [place.file.shard], xorbs: [])
            for result in [1, 0] {
                let answer = try await server.ask("POST", "\(path)/v\(version)/shards", as: token, bytes: shard)
                #expect(answer.status == 200)
                let last = try JSONValue(String(answer.text.split(separator: "\n").last ?? ""))
                let expected = version == 1 ? #"{"result":\#(result)}"# : #"{"type":"result","result":\#(result)}"#
                #expect(try last == JSONValue(expected), "\(answer.text)")
            }
            let ada = try server.test.hub.principal(secret: place.secret).principal
            try await server.test.publish([("w.bin", place.file)], to: "ada/whale", by: ada)
            let read = try await server.xet("read", as: nil)
            let found = try await server.ask("GET", "\(read.path)/v1/chunks/default/\(place.xorb.list[1].hash)", as: read.token)
            #expect(try QueryTests.answer(found.body)?.hash == place.xorb.hash)
            let head = try await server.ask("HEAD", "\(read.path)/v1/files/\(place.file.shard.id)", as: read.token)
            #expect(head.status == 200 && head["Content-Length"] == "\(place.file.bytes.count)")
            for id in ["\(place.file.shard.id)", place.file.digest.hex] {
                for range in [nil, "bytes=100-200000", "bytes=9001-"] as [String?] {
                    try await Self.download(server, "\(read.path)/v\(version)/reconstructions/\(id)", read.token, range, place.file.bytes)
                }
            }
            let behind = try await server.ask(
                "GET", "\(read.path)/v\(version)/reconstructions/\(place.file.shard.id)", as: read.token,
                headers: [("Range", "bytes=\(place.file.bytes.count)-")])
            #expect(behind.status == 416 && behind["Content-Range"] == "bytes */\(place.file.bytes.count)")
        }
    }

    private struct Plan: Decodable {
        struct Span: Decodable {
            let start: Int
            let end: Int
        }
        struct Term: Decodable {
            let hash: String
            let unpackedLength: Int
            let range: Span
        }
        struct Fetch1: Decodable {
            let range: Span
            let url: String
            let urlRange: Span
        }
        struct Fetch2: Decodable {
            struct Part: Decodable {
                let chunks: Span
                let bytes: Span
            }
            let url: String
            let ranges: [Part]
        }
        let offsetIntoFirstRange: Int
        let terms: [Term]
        let fetchInfo: [String: [Fetch1]]?
        let xorbs: [String: [Fetch2]]?

        var spans: [(xorb: String, url: String, chunks: Span, bytes: Span)] {
            (fetchInfo ?? [:]).flatMap { xorb, list in list.map { (xorb, $0.url, $0.range, $0.urlRange) } }
                + (xorbs ?? [:]).flatMap { xorb, list in list.map { (xorb, $0.url, $0.ranges[0].chunks, $0.ranges[0].bytes) } }
        }
    }

    private static func download(_ server: DialectServer, _ target: String, _ token: String, _ range: String?, _ whole: [UInt8]) async throws {
        let answer = try await server.ask("GET", target, as: token, headers: range.map { [("Range", $0)] } ?? [])
        #expect(answer.status == 200, "\(answer.text)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let plan = try decoder.decode(Plan.self, from: Data(answer.body))
        var chunks: [String: [Int: [UInt8]]] = [:]
        for span in plan.spans {
            let path = "/" + (span.url.split(separator: "/", maxSplits: 2).last ?? "")
            let bytes = try await server.ask("GET", path, headers: [("Range", "bytes=\(span.bytes.start)-\(span.bytes.end)")])
            #expect(bytes.status == 206 && bytes.body.count == span.bytes.end - span.bytes.start + 1)
            #expect(bytes["Content-Range"]?.hasPrefix("bytes \(span.bytes.start)-\(span.bytes.end)/") == true)
            #expect(try await server.ask("GET", path).body == bytes.body, "what is allowed, where no range is asked")
            // The last chunk alone is a part of what is allowed; one byte before or behind it all is not.
            let last = try await server.ask("GET", path, headers: [("Range", "bytes=\(span.bytes.end - 9)-\(span.bytes.end)")])
            #expect(last.status == 206 && last.body == Array(bytes.body.suffix(10)))
            let wider = try await server.ask("GET", path, headers: [("Range", "bytes=\(span.bytes.start)-\(span.bytes.end + 1)")])
            if wider.status != 403 { #expect(wider.body == bytes.body, "the end of the xorb") }
            if span.bytes.start > 0 {
                #expect(try await server.ask("GET", path, headers: [("Range", "bytes=\(span.bytes.start - 1)-\(span.bytes.end)")]).status == 403)
            }
            #expect(try await server.ask("GET", path, headers: [("Range", "bytes=99999999-")]).status == 416)
            let reader = XorbReader()
            var number = span.chunks.start
            try bytes.body.withUnsafeBytes { body in
                try reader.consume(body) { raw, _ in
                    chunks[span.xorb, default: [:]][number] = Array(raw)
                    number += 1
                }
            }
            #expect(number == span.chunks.end)
        }
        let all = plan.terms.flatMap { term in (term.range.start..<term.range.end).flatMap { chunks[term.hash]?[$0] ?? [] } }
        guard case .part(let wanted) = ByteRange.parse(range ?? "bytes=0-", size: Int64(whole.count)) else { return }
        #expect(Array(all.dropFirst(plan.offsetIntoFirstRange).prefix(Int(wanted.count))) == Array(whole[Int(wanted.lower)..<Int(wanted.upper)]))
    }

    @Test("addresses for bytes end with 403, so that clients ask for new ones")
    func addresses() async throws {
        try await DialectServer.runXet { (server) async throws in
            let place = try await Self.place(server)
            let ada = try server.test.hub.principal(secret: place.secret).principal
            try await server.test.send(place.xorb, by: ada)
            try await server.test.register(place.file, by: ada)
            let plan = try await server.test.hub.plan(try server.test.hub.xetFile(place.file.shard.id, for: ada), nil)
            let text = try #require(plan.xorbs.first?.spans.first?.capability)
            let path = "\(place.write.path)/v1/bytes?grant="
            #expect(try await server.ask("GET", path + text).status == 200)
            let head = try await server.ask("HEAD", path + text)
            #expect(head.status == 200 && head["Content-Length"] == "\(plan.xorbs[0].spans[0].bytes.count)")
            #expect(try await server.ask("GET", path + text.dropLast()).status == 403)
            #expect(try await server.ask("GET", path + place.write.token).status == 403)
            server.test.clock.turn(seconds: 3600)
            #expect(try await server.ask("GET", path + text).status == 403)
        }
    }

    @Test("what is wrong is refused with the status that the clients take for it, and stores nothing")
    func refused() async throws {
        try await DialectServer.runXet { (server) async throws in
            let place = try await Self.place(server)
            let (path, token) = place.write
            let read = try await server.xet("read", as: place.secret)
            let xorb = "\(path)/v1/xorbs/default/\(place.xorb.hash)"
            let (rows, files) = (try server.test.rows(), try server.test.stored())
            let shard = ShardWriter.upload(files: [place.file.shard], xorbs: [])
            let cases: [(String, String, String?, [UInt8], Int)] = [
                ("POST", xorb, nil, place.xorb.serialised, 401), ("POST", xorb, place.secret, place.xorb.serialised, 401),
                ("POST", xorb, read.token, place.xorb.serialised, 403), ("POST", xorb, token, place.xorb.serialised.dropLast(), 400),
                ("POST", xorb, token, SampleXorb(seed: 2).serialised, 400), ("POST", xorb, token, [0, 1, 0, 2, 0, 1, 0, 2, 3], 413),
                ("POST", "\(path)/v1/xorbs/default/xyz", token, place.xorb.serialised, 400),
                ("POST", "\(path)/v1/xorbs/other/\(place.xorb.hash)", token, place.xorb.serialised, 404),
                ("POST", "\(path)/v1/shards", token, shard, 400), ("POST", "\(path)/v2/shards", token, shard, 400),
                ("POST", "\(path)/v1/shards", read.token, shard, 403), ("POST", "\(path)/v1/shards", token, Array(shard.dropLast()), 400),
                ("POST", "/xet/0123456789abcdef-1-00000000/v1/shards", token, shard, 404),
                ("GET", "\(path)/v1/reconstructions/\(place.file.shard.id)", token, [], 404),
                ("GET", "\(path)/v1/reconstructions/\(place.file.shard.id)", nil, [], 401),
                ("GET", "\(path)/v1/chunks/default/\(place.xorb.hash)", place.secret, [], 401),
                ("GET", "\(path)/v1/shards", token, [], 405), ("POST", "\(path)/v1/xorb-commits/default/\(place.xorb.hash)/grant/1", token, [], 404),
                ("GET", "/xet", token, [], 404)
            ]
            for (method, target, secret, body, status) in cases {
                let answer = try await server.ask(method, target, as: secret, bytes: body)
                #expect(answer.status == status, "\(method) \(target): \(answer.status) \(answer.text)")
                #expect(try JSONDecoder().decode([String: String].self, from: Data(answer.body))["error"]?.isEmpty == false)
            }
            #expect(try server.test.rows() == rows)
            #expect(try server.test.stored() == files)
            server.test.clock.turn(seconds: 21_600)
            #expect(try await server.ask("POST", xorb, as: token, bytes: place.xorb.serialised).status == 401)
        }
    }

    @Test("a file whose bytes are not those of its SHA-256 is an event of a shard, not a status")
    func events() async throws {
        try await DialectServer.runXet { (server) async throws in
            let place = try await Self.place(server)
            let ada = try server.test.hub.principal(secret: place.secret).principal
            try await server.test.send(place.xorb, by: ada)
            var file = place.file.shard
            file.digest = TestHub.digest("other bytes")
            let answer = try await server.ask(
                "POST", "\(place.write.path)/v2/shards", as: place.write.token, bytes: ShardWriter.upload(files: [file], xorbs: []))
            #expect(answer.status == 200 && answer["Content-Type"] == "application/x-ndjson")
            let line = String(answer.text.split(separator: "\n").last ?? "")
            let last = try JSONDecoder().decode(ErrorEvent.self, from: Data(line.utf8))
            #expect(last.type == "error" && last.retryable == false && last.message.contains(file.digest?.hex ?? "?"))
            #expect(try server.test.rows().count("xet_file") == 0)
            let plain = try await server.ask(
                "POST", "\(place.write.path)/v1/shards", as: place.write.token, bytes: ShardWriter.upload(files: [file], xorbs: []))
            #expect(plain.status == 400)
        }
    }

    private struct ErrorEvent: Decodable {
        let type: String
        let message: String
        let retryable: Bool
    }

    @Test("a body that breaks off leaves nothing, and the upload can go on")
    func broken() async throws {
        try await DialectServer.runXet { (server) async throws in
            let place = try await Self.place(server)
            let (rows, files) = (try server.test.rows(), try server.test.stored())
            let probe = try await HTTPProbe.connect(port: server.port)
            try await probe.send(
                "POST \(place.write.path)/v1/xorbs/default/\(place.xorb.hash) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(place.write.token)\r\nContent-Length: \(place.xorb.serialised.count)\r\n\r\n"
            )
            try await probe.send(Array(place.xorb.serialised.prefix(200_000)))
            probe.abort()
            let answer = try await server.ask(
                "POST", "\(place.write.path)/v1/xorbs/default/\(SampleXorb(seed: 2).hash)", as: place.write.token,
                bytes: SampleXorb(seed: 2).serialised)
            #expect(answer.status == 200)
            #expect(try server.test.rows().count("xorb") == rows.count("xorb") + 1)
            for _ in 0..<100 {
                let isReceiving = try server.test.stored().contains { $0.hasPrefix("incoming/") }
                if !isReceiving { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try server.test.stored().subtracting(files).count == 2)
        }
    }

    @Test("every code of the hub has a status, and the 4xx are final")
    func codes() {
        for code in HubError.Code.allCases {
            let status = code.huggingFace.status
            #expect((400...599).contains(status))
            // 404 and 501 send a shard of version 2 to version 1; a refused one must not be among them.
            if [.blobsMissing, .invalidRequest, .digestMismatch].contains(code) { #expect(status == 400) }
        }
        #expect(
            HubError.Code.unknownRepo.huggingFace.errorCode == "RepoNotFound"
                && HubError.Code.unknownRevision.huggingFace.errorCode == "RevisionNotFound")
    }
}
