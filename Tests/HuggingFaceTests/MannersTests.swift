import Core
import Foundation
import Hub
@testable import HuggingFace
import NIOCore
import TestKit
import Testing
import Wire

@Suite("manners of the Hugging Face door")
struct MannersTests {
    @Test("every kind of refusal has a status, and only those that clients know have a code")
    func table() {
        let codes = Dictionary(grouping: HubError.Code.allCases) { $0.huggingFace.errorCode ?? "" }
        #expect(Set(codes.keys) == ["", "RepoNotFound", "RevisionNotFound", "EntryNotFound"])
        #expect(codes["RepoNotFound"] == [.unknownRepo])
        #expect(codes["EntryNotFound"] == [.unknownFile])
        #expect(Set(codes["RevisionNotFound"] ?? []) == [.unknownRevision, .unknownAlias])
        for code in HubError.Code.allCases { #expect((400...599).contains(code.huggingFace.status)) }
        #expect(HubError.Code.headMoved.huggingFace.status == 412)
        #expect(HubError.Code.blobsMissing.huggingFace.status == 400)
        #expect(HubError.Code.versionExists.huggingFace.status == 409)
    }

    @Test("a header holds one line of ASCII, whatever the sentence says")
    func header() {
        #expect(HeaderText.line("späße\r\nX-Evil: 1\u{0}") == "sp??e??X-Evil: 1?")
        #expect(HeaderText.line(String(repeating: "a", count: 999)).count == 500)
    }

    @Test(
        "addresses of this door",
        arguments: [
            "/api/models", "/api/models/a/b", "/api/whoami-v2", "/a/b/resolve/main/c", "/datasets/a/b/resolve/main/c", "/spaces/a/b/resolve/main/c",
            "/gpt2/resolve/main/c", "/oauth/device", "/api/models/a/xet-b", "/a/b/resolve"
        ])
    func claimed(_ path: String) { #expect(HuggingFaceAddress.claims(Substring(path))) }

    @Test(
        "addresses of others",
        arguments: [
            "/", "/api", "/api/v1/models/a/b", "/hub/v1/models/a/b/resolve/main/c", "/a/b", "/a/b/blob/resolve/c", "/v2/a/resolve/x",
            "/xet/resolve/a",
            "/api/models/a/b/xet-read-token/main", "/api/datasets/a/b/xet-write-token/refs%2Fpr%2F1", "/a/b.git/info/lfs", "/v1/telemetry",
            "/assets/resolve"
        ])
    func others(_ path: String) { #expect(!HuggingFaceAddress.claims(Substring(path))) }

    @Test("forms are read with repeated keys, and a plus is a space")
    func form() throws {
        let form = try FormText("paths=a+b&paths=c%2Bd&expand=True&=x&flag")
        #expect(form.all("paths") == ["a b", "c+d"] && form.flag("expand") && !form.flag("flag") && form["flag"] == "")
        #expect(throws: HubError.self) { try FormText("a=%F") }
    }

    @Test("JSON is what JSON readers read", arguments: ["", "a\"b\\c\n\t\u{1}\u{7F}", "späße 🐋", "</script>\u{2028}"])
    func json(_ text: String) throws {
        let json = JSON.object([
            ("text", .text(text)), (text, .int(-5)), ("none", nil), ("null", .null), ("list", .list([.bool(true), .written("{\"a\":1}")]))
        ])
        let read = try JSONValue(String(buffer: json.bytes))
        #expect(read == .object(["text": .text(text), text: .number(-5), "null": .null, "list": .list([.flag(true), .object(["a": .number(1)])])]))
    }

    @Test(
        "ranges of parameters",
        arguments: [("min:6B,max:128B", 6_000_000_000...128_000_000_000), ("max:500M", 0...500_000_000), ("min:0.5K", 500...Int64.max)])
    func range(text: String, range: ClosedRange<Int64>) throws { #expect(try RepoQuery.range(text) == range) }

    @Test("which files are the model")
    func weights() throws {
        func names(_ paths: [String]) throws -> [String] {
            WeightsMemory.weights(
                try paths.map {
                    FileEntry(
                        path: try FilePath(parsing: $0), size: 1, digest: TestHub.digest($0), isExecutable: false, storage: .lfs,
                        gitID: GitID(bytes: TestHub.digest($0).bytes.prefix(20)))
                }
            ).map(\.path.text)
        }
        #expect(try names(["model.safetensors", "other.safetensors"]) == ["model.safetensors"])
        #expect(
            try names(["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "x.safetensors"])
                == ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"])
        #expect(try names(["adapter_model.safetensors", "a.bin"]) == ["adapter_model.safetensors"])
        #expect(try names(["a.safetensors", "b.safetensors"]) == [])
    }

    @Test("parameters are counted from the heads of the weights, and a file that only looks like one is none")
    func safetensors() async throws {
        try await DialectServer.runHuggingFace { server in
            let header = #"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]}}"#
            let bytes =
                withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + [UInt8](repeating: 0, count: 32)
            let digest = try await server.test.send(bytes, by: server.test.admin)
            let odd = try await server.test.send("not tensors at all", by: server.test.admin)
            for (name, digest) in [("whale", digest), ("odd", odd)] {
                _ = try await server.ask("POST", "/api/repos/create", as: TestHub.adminSecret, body: #"{"name":"\#(name)"}"#)
                let answer = try await server.commit(
                    [
                        #"{"key":"header","value":{"summary":"Weights"}}"#,
                        #"{"key":"lfsFile","value":{"path":"model.safetensors","algo":"sha256","oid":"\#(digest.hex)"}}"#
                    ], to: "admin/\(name)", as: TestHub.adminSecret)
                #expect(answer.status == 200)
            }
            let known = try await server.ask("GET", "/api/models/admin/whale?expand=safetensors&expand=tags")
            #expect(
                try JSONValue(known.text)
                    == .object([
                        "_id": .text("1"), "id": .text("admin/whale"), "tags": .list([.text("safetensors")]),
                        "safetensors": .object(["parameters": .object(["BF16": .number(4), "F32": .number(6)]), "total": .number(10)])
                    ]))
            let unknown = try await server.ask("GET", "/api/models/admin/odd?expand=safetensors")
            #expect(try JSONValue(unknown.text) == .object(["_id": .text("2"), "id": .text("admin/odd")]))
            let found = try await server.ask("GET", "/api/models?num_parameters=min:10,max:11&expand=likes")
            #expect(try JSONValue(found.text) == .list([.object(["_id": .text("1"), "id": .text("admin/whale"), "likes": .number(0)])]))
        }
    }

    @Test("downloads are counted on both roads", arguments: [true, false])
    func downloads(lean: Bool) async throws {
        try await DialectServer.runHuggingFace(lean: lean) { server in
            _ = try await server.ask("POST", "/api/repos/create", as: TestHub.adminSecret, body: #"{"name":"whale"}"#)
            for method in ["HEAD", "GET", "GET"] { _ = try await server.ask(method, "/admin/whale/resolve/main/.gitattributes") }
            try await server.test.hub.flushDownloads()
            #expect(try server.test.hub.repo(try server.test.repo("admin/whale"), for: server.test.admin).downloads == 2)
        }
    }
}
