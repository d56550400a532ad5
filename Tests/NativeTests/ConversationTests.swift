import API
import Core
import Foundation
import Hashing
import Hub
import TestKit
import Testing

@Suite("recorded conversations")
struct ConversationTests {
    static let all = Result { try Conversation.all(in: Bundle.module.url(forResource: "Conversations", withExtension: nil)) }

    @Test("are held as written, on the event loop's road and on the framework's", arguments: (try? all.get()) ?? [], [true, false])
    func hold(_ conversation: Conversation, lean: Bool) async throws {
        try await NativeServer.run(lean: lean) { (server) async throws in
            var known = Known(values: [
                "admin": TestHub.adminSecret, "ada": try await server.test.token("ada"), "adaAdmin": try await server.test.token("ada", role: .admin),
                "adaReader": try await server.test.token("ada", role: .reader), "eve": try await server.test.token("eve", role: .admin),
                "expiring": try await server.test.token("ada", seconds: 30), "folder": server.test.folder.path
            ])
            let controller = PretendController(hub: server.test.hub)
            try await conversation.hold(with: server, &known, refusal: Self.compareProblem) { try await controller.perform($0) }
            #expect(try await server.test.verify().isChainIntact)
        }
    }

    /// RFC 9457, and the request's id in it for those who ask for help.
    static func compareProblem(_ answer: HTTPProbe.Answer, _ exchange: Conversation.Exchange) throws {
        let problem = try JSONDecoder().decode(Problem.self, from: Data(answer.body))
        #expect(answer["Content-Type"] == "application/problem+json")
        #expect(problem.code == exchange.code, "\(exchange.story): \(problem.detail)")
        #expect(problem.status == answer.status && problem.type == "urn:grayling:error:\(problem.code)")
        #expect(!problem.title.isEmpty && problem.detail.count > 10)
        #expect(!problem.requestID.isEmpty && problem.requestID == answer["X-Request-Id"])
        #expect(HubError.Code(rawValue: problem.code) != nil)
        if answer.status == 401 { #expect(answer["WWW-Authenticate"] == "Bearer realm=\"grayling\"") }
    }

    @Test("speak of every endpoint: of its success, and of a refusal where it has one")
    func coverage() throws {
        let conversations = try Self.all.get()
        #expect(conversations.count >= 5)
        var (served, refused): (Set<Endpoint>, Set<Endpoint>) = ([], [])
        for exchange in conversations.flatMap(\.exchanges) {
            guard let endpoint = Self.endpoint(exchange) else { continue }
            if exchange.status < 400 { served.insert(endpoint) } else { refused.insert(endpoint) }
        }
        for endpoint in Endpoint.all where !served.contains(endpoint) { Issue.record("no conversation shows \(endpoint.method) \(endpoint.pattern)") }
        let open: Set<Endpoint> = [.showServer, .openAPI, .listOwners, .listDrivers]
        for endpoint in Endpoint.all where !refused.contains(endpoint) && !open.contains(endpoint) {
            Issue.record("no conversation shows a refusal of \(endpoint.method) \(endpoint.pattern)")
        }
    }

    /// The endpoint that a request line means; literal segments before parameters.
    static func endpoint(_ exchange: Conversation.Exchange) -> Endpoint? {
        let parts = exchange.target.prefix { $0 != "?" }.split(separator: "/")
        func matches(_ endpoint: Endpoint) -> Bool {
            let pattern = endpoint.pattern.split(separator: "/")
            let takesRest = pattern.last?.hasSuffix("*}") == true
            guard endpoint.method == exchange.method, takesRest ? parts.count >= pattern.count : parts.count == pattern.count else { return false }
            return zip(pattern, parts).allSatisfy {
                $0 == $1 || $0 == "{kind}" && ($1 == "models" || $1 == "datasets") || $0.hasPrefix("{") && $0 != "{kind}"
            }
        }
        return Endpoint.all.filter(matches).min { $0.parameters.count < $1.parameters.count }
    }
}
