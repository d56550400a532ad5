import API
import Client
import Core
import Foundation
import Synchronization
import Testing

@Suite("A session with a server")
struct SessionTests {
    private func session(_ server: ScriptedServer) throws -> Session {
        try Session(server: ServerAddress(parsing: server.address), token: "hf_secret", lanes: 2)
    }
    private static let whoami = #"{"user":"ann","isSiteAdmin":false,"role":"writer","token":"t"}"#

    @Test("a server that is busy twice is asked three times")
    func busy() async throws {
        let server = try ScriptedServer { _, number in
            number < 2 ? ScriptedServer.Answer(status: 503, headers: [("Retry-After", "0")]) : .json(Self.whoami)
        }
        let who: WhoAmI = try await session(server).call(.whoami)
        #expect(who.user == "ann")
        #expect(server.asked.map(\.path) == ["/hub/v1/whoami", "/hub/v1/whoami", "/hub/v1/whoami"])
        #expect(server.asked[2].headers["authorization"] == "Bearer hf_secret")
    }

    @Test("an answer that was cut is asked for again, where that does no harm")
    func cut() async throws {
        let server = try ScriptedServer { _, number in
            var answer = ScriptedServer.Answer.json(Self.whoami)
            if number == 0 { answer.cutAfter = 5 }
            return answer
        }
        let who: WhoAmI = try await session(server).call(.whoami)
        #expect(who.role == "writer")
        #expect(server.asked.count == 2)
    }

    @Test("a call that is not repeatable is made once, even if its answer is lost")
    func notRepeated() async throws {
        let server = try ScriptedServer { _, _ in ScriptedServer.Answer(status: 500) }
        await #expect(throws: HubError.self) {
            let _: CreatedToken = try await session(server).call(.createToken, body: NewToken(name: "ci"))
        }
        #expect(server.asked.count == 1)
    }

    @Test("what the server says is thrown in its own words")
    func problem() async throws {
        let server = try ScriptedServer { _, _ in .problem("version-exists", "acme/whale already has a version 1", status: 409) }
        await #expect(throws: HubError(.versionExists, "acme/whale already has a version 1")) { try await session(server).bytes(.whoami) }
    }

    @Test("a code of a newer server keeps its sentence")
    func unknownCode() async throws {
        let server = try ScriptedServer { _, _ in .problem("quota-exceeded", "no room left for ann", status: 422) }
        await #expect(throws: HubError(.internalError, "no room left for ann")) { try await session(server).bytes(.whoami) }
    }

    @Test("no server: the sentence names the address and the way to start one, at once")
    func refused() async throws {
        let session = try Session(server: ServerAddress(parsing: "http://127.0.0.1:1"), token: nil)
        let error = await #expect(throws: HubError.self) { try await session.bytes(.showServer) }
        #expect(error?.message.contains("http://127.0.0.1:1") == true)
        #expect(error?.message.contains("grayling serve") == true)
    }

    @Test("a redirect is followed on the same server and nowhere else")
    func redirects() async throws {
        let elsewhere = try ScriptedServer { _, _ in .json(Self.whoami) }
        let away = elsewhere.address
        let server = try ScriptedServer { asked, _ in
            switch asked.path {
            case "/hub/v1/whoami": ScriptedServer.Answer(status: 307, headers: [("Location", "/moved")])
            case "/moved": .json(Self.whoami)
            default: ScriptedServer.Answer(status: 307, headers: [("Location", away + "/x")])
            }
        }
        let who: WhoAmI = try await session(server).call(.whoami)
        #expect(who.user == "ann")
        await #expect(throws: HubError.self) { try await session(server).bytes(.showServer) }
        #expect(elsewhere.asked.isEmpty)
    }

    @Test("pages are read to the last")
    func pages() async throws {
        let server = try ScriptedServer { asked, _ in
            asked.target.contains("cursor=two")
                ? .json(#"{"items":[{"name":"b","kind":"user","repos":2}]}"#)
                : .json(#"{"items":[{"name":"a","kind":"user","repos":1}],"next":"two"}"#)
        }
        let owners: [OwnerInfo] = try await session(server).all(.listOwners)
        #expect(owners.map(\.name) == ["a", "b"])
    }

    @Test("lines arrive one by one, the last also without its end")
    func lines() async throws {
        let server = try ScriptedServer { _, _ in ScriptedServer.Answer(body: Array("{\"done\":1}\n\n{\"done\":2}\nend".utf8)) }
        let found = Mutex<[String]>([])
        try await session(server).lines(.verifyStore, body: VerifyRequest()) { line in
            found.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(found.withLock { $0 } == [#"{"done":1}"#, #"{"done":2}"#, "end"])
    }

    @Test("a token with a line end is refused before it can become a header")
    func badToken() throws {
        let address = try ServerAddress(parsing: "127.0.0.1:7070")
        #expect(address.text == "http://127.0.0.1:7070")
        #expect(throws: HubError.self) { try Session(server: address, token: "hf_a\r\nX-Evil: 1") }
    }

    @Test("refuses what is not a server's address", arguments: ["ftp://host", "http://", "http://u:p@host", "http://host/?a=b", "http://host/#x"])
    func badAddress(_ text: String) {
        #expect(throws: HubError.self) { try ServerAddress(parsing: text) }
    }
}
