import Core
import Foundation
import TestKit
import Testing
import Wire

@Suite("recorded conversations")
struct ConversationTests {
    static let all = Result { try Conversation.all(in: Bundle.module.url(forResource: "Conversations", withExtension: nil)) }

    @Test("are held as written", arguments: (try? all.get()) ?? [])
    func hold(_ conversation: Conversation) async throws {
        try await DialectServer.run { server, ada in
            var known = Known(values: [
                "ada": ada, "adaBasic": Base64.encode("any:\(ada)".utf8), "adaReader": try await server.test.token("ada", role: .reader),
                "eve": try await server.test.token("eve", role: .admin)
            ])
            try await conversation.hold(with: server, &known) { answer, exchange in
                // 416 is answered by the file itself, without words.
                guard answer.status != 416 else { return }
                let json = try answer.json()
                #expect((json["message"]?.text ?? "").count > 10, "\(exchange.story)")
                #expect(json["request_id"]?.text == answer["X-Request-Id"], "\(exchange.story)")
                #expect(answer["Content-Type"] == "application/vnd.git-lfs+json", "\(exchange.story)")
                #expect((answer["LFS-Authenticate"] != nil) == (answer.status == 401), "\(exchange.story)")
            }
        }
    }

    @Test("are there")
    func count() throws {
        #expect(try Self.all.get().count == 3)
    }
}
