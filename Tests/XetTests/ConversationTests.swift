import Core
import Foundation
import Hub
import TestKit
import Testing

@Suite("recorded conversations")
struct ConversationTests {
    static let all = Result { try Conversation.all(in: Bundle.module.url(forResource: "Conversations", withExtension: nil)) }

    @Test("are held as written", arguments: (try? all.get()) ?? [])
    func hold(_ conversation: Conversation) async throws {
        try await DialectServer.runXet { (server) async throws in
            let test = server.test
            let ada = try await test.user("ada")
            try await test.publish(["config.json": "{}"], to: "ada/open", by: ada)
            try await test.publish(["config.json": "secret"], to: "ada/closed", by: ada) { $0.isPrivate = true }
            var known = Known(values: [
                "admin": TestHub.adminSecret, "eve": try await test.token("eve"), "reader": try await test.token("rita", role: .reader)
            ])
            try await conversation.hold(with: server, &known) { answer, exchange in
                let body = try JSONDecoder().decode([String: String].self, from: Data(answer.body))
                #expect((body["error"]?.count ?? 0) > 10, "\(exchange.story)")
                if let code = exchange.code { #expect(answer["X-Error-Code"] == code, "\(exchange.story)") }
                if answer.status == 401 { #expect(answer["WWW-Authenticate"] == "Bearer realm=\"grayling\"") }
            }
            #expect(try await test.verify().isWhole)
        }
    }

    @Test("there are some")
    func some() throws { #expect(try Self.all.get().flatMap(\.exchanges).count > 15) }
}
