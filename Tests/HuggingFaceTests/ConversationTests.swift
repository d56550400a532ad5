import Core
import Foundation
import Hub
@testable import HuggingFace
import TestKit
import Testing
import Wire

@Suite("recorded conversations with Hugging Face clients")
struct ConversationTests {
    static let all = Result { try Conversation.all(in: Bundle.module.url(forResource: "Conversations", withExtension: nil)) }

    @Test("are held as written, on the event loop's road and on the framework's", arguments: (try? all.get()) ?? [], [true, false])
    func hold(_ conversation: Conversation, lean: Bool) async throws {
        let xet = conversation.name == "large-files" ? String(repeating: "ab", count: 32) : nil
        try await DialectServer.runHuggingFace(lean: lean, xet: xet) { (server) async throws in
            var known = Known(values: [
                "admin": TestHub.adminSecret, "ada": try await server.test.token("ada"), "adaAdmin": try await server.test.token("ada", role: .admin),
                "adaReader": try await server.test.token("ada", role: .reader), "eve": try await server.test.token("eve", role: .admin)
            ])
            try await conversation.hold(with: server, &known, refusal: Self.compareRefusal)
            #expect(try await server.test.verify().isChainIntact)
        }
    }

    /// The header chooses the class of the exception, and both texts are shown to people.
    static func compareRefusal(_ answer: HTTPProbe.Answer, _ exchange: Conversation.Exchange) throws {
        #expect(answer["X-Error-Code"] == exchange.code, "\(exchange.story): \(answer.text)")
        guard exchange.method != "HEAD", answer["X-Error-Message"] != nil else { return }
        struct Body: Decodable { let error: String }
        let body = try JSONDecoder().decode(Body.self, from: Data(answer.body))
        #expect(body.error.count > 10)
        #expect(answer["X-Error-Message"] == HeaderText.line(body.error))
        if answer.status == 401 { #expect(answer["WWW-Authenticate"] == "Bearer realm=\"grayling\"") }
    }

    @Test("speak of every address: of its success, and of a refusal where it has one")
    func coverage() throws {
        let routes = HuggingFaceRoutes.routes
        let table = PathTable(routes.enumerated().map { ($1.method, $1.pattern, $0) })
        var (served, refused): (Set<Int>, Set<Int>) = ([], [])
        let exchanges = try Self.all.get().flatMap(\.exchanges)
        #expect(exchanges.count > 100)
        for exchange in exchanges {
            guard case .found(let index, _) = try table.match(method: exchange.method, path: exchange.target.prefix { $0 != "?" }) else { continue }
            if exchange.status < 400 { served.insert(index) } else { refused.insert(index) }
        }
        for (index, route) in routes.enumerated() {
            let isOnlyRefused =
                route.pattern.contains("discussions") || route.pattern.hasPrefix("/oauth") || route.pattern.hasSuffix("lfs-files/batch")
                || route.pattern.hasPrefix("/{name}/resolve") || route.pattern.hasPrefix("/datasets/{name}/resolve")
            let isOpen = ["/api/agent-harnesses", "/api/telemetry/{topic*}", "/api/models-tags-by-type", "/api/datasets-tags-by-type"].contains(
                route.pattern)
            if !served.contains(index), !isOnlyRefused { Issue.record("no conversation shows \(route.method) \(route.pattern)") }
            if !refused.contains(index), !isOpen, !(isOnlyRefused && route.method != "GET" && route.method != "POST") {
                Issue.record("no conversation shows a refusal of \(route.method) \(route.pattern)")
            }
        }
    }
}
