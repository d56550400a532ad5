import API
import Client
import Core
import Foundation
import Synchronization
import Testing

@Suite("Calls about releases")
struct ServingTests {
    private func session(_ server: ScriptedServer) throws -> Session {
        try Session(server: ServerAddress(parsing: server.address), token: "hf_secret", lanes: 2)
    }

    private static func label(_ version: String) -> BackendLabelInfo {
        BackendLabelInfo(id: "b", model: "acme/whale", version: version, commit: "c", manifest: "m")
    }

    static func release(_ phase: String, generation: Int64 = 7) -> ReleaseInfo {
        ReleaseInfo(
            id: "chat-2", endpoint: "chat", kind: "release", strategy: "canary", phase: phase, isTerminal: phase == "succeeded", step: 0, steps: [],
            pauses: [], hasFailed: false, weights: WeightsInfo(candidate: 500, control: 0, stable: 9500, shadow: 0), isRouteApplied: true,
            to: label("2"), lock: "sha256:l", bake: 1, holdback: 0, maxObserved: 1, submittedBy: "ann", reason: "", approvals: [], isProtected: true,
            created: "c", updated: "u", generation: generation, etag: "\"\(generation)\"")
    }

    private static func json(_ value: some Encodable) -> ScriptedServer.Answer {
        // Of these values none fails to encode; an empty body fails the test that asked.
        .json(String(decoding: (try? JSON.encode(value)) ?? Data(), as: UTF8.self))
    }

    private static func event(_ number: Int64, _ phase: String) -> String {
        let info = ReleaseEventInfo(
            sequence: number, at: "t", actor: "ann", event: "tick", detail: "", phaseBefore: phase, phase: phase, step: 0, generation: number,
            commands: [], hash: "h")
        return "id: \(number)\nevent: tick\ndata: \(String(decoding: (try? JSON.encode(info)) ?? Data(), as: UTF8.self))\n\n"
    }

    @Test("an approval names what was looked at, and its generation")
    func approve() async throws {
        let server = try ScriptedServer { _, _ in Self.json(Self.release("progressing", generation: 8)) }
        let changed = try await session(server).order(.approve(comment: "seen"), Self.release("paused"))
        #expect(changed.generation == 8)
        let asked = try #require(server.asked.first)
        #expect(asked.method == "POST" && asked.path == "/hub/v1/releases/chat-2/actions/approve" && asked.headers["if-match"] == "\"7\"")
        let body = try JSON.decode(ApproveOrder.self, from: Data(asked.body))
        #expect(body == ApproveOrder(comment: "seen", generation: 7, lock: "sha256:l"))
    }

    @Test("an order that came too late is refused in the server's words, and not repeated")
    func tooLate() async throws {
        let server = try ScriptedServer { _, _ in .problem("precondition-failed", "chat-2 changed since", status: 412) }
        let error = await #expect(throws: HubError.self) { try await session(server).order(.abort(reason: "x"), Self.release("paused")) }
        #expect(error?.code == .preconditionFailed && error?.message == "chat-2 changed since")
        #expect(server.asked.count == 1)
    }

    @Test("a plan is carried out under a key, so that a lost answer is asked for again")
    func applies() async throws {
        let server = try ScriptedServer { _, number in
            guard number > 0 else { return ScriptedServer.Answer(status: 503, headers: [("Retry-After", "0")]) }
            return .problem("unknown-plan", "there is no such plan", status: 404)
        }
        await #expect(throws: HubError(.unknownPlan, "there is no such plan")) {
            _ = try await session(server).apply(try Digest(parsing: String(repeating: "1", count: 64)), key: "k")
        }
        #expect(server.asked.map { $0.headers["idempotency-key"] } == ["k", "k"])
    }

    @Test("a manifest is sent as it is written")
    func plans() async throws {
        let server = try ScriptedServer { _, _ in .json("{}", status: 201) }
        _ = try await session(server).plan(Array("a: é\n".utf8), endpoint: try EndpointName(parsing: "chat"))
        let asked = try #require(server.asked.first)
        #expect(asked.target == "/hub/v1/plans?endpoint=chat" && asked.headers["content-type"] == "application/yaml")
        #expect(asked.body == Array("a: é\n".utf8))
    }

    @Test("events are followed to the end of the release, over a lost connection, each once")
    func follows() async throws {
        let streams = Mutex(0)
        let server = try ScriptedServer { asked, _ in
            guard asked.path.hasSuffix("/events") else { return Self.json(Self.release(streams.withLock { $0 } < 2 ? "progressing" : "succeeded")) }
            let number = streams.withLock { count in
                count += 1
                return count
            }
            var answer = ScriptedServer.Answer(status: 200, headers: [("Content-Type", "text/event-stream")])
            if number == 1 {
                answer.body = Array(("retry: 1000\n\n" + Self.event(1, "pending") + Self.event(2, "progressing")).utf8)
                answer.cutAfter = answer.body.count - 5
            } else {
                answer.body = Array((": still here\n\n" + Self.event(1, "pending") + Self.event(2, "progressing") + Self.event(3, "succeeded")).utf8)
            }
            return answer
        }
        let seen = Mutex<[Int64]>([])
        try await session(server).follow(try ReleaseID(parsing: "chat-2")) { event in seen.withLock { $0.append(event.sequence) } }
        #expect(seen.withLock { $0 } == [1, 2, 3])
        let streamed = server.asked.filter { $0.path.hasSuffix("/events") }
        #expect(streamed.count == 2 && streamed.allSatisfy { $0.headers["accept"] == "text/event-stream" })
        // The line of the second event may have come whole before the cut.
        #expect(["1", "2"].contains(streamed[1].headers["last-event-id"] ?? ""))
    }
}
