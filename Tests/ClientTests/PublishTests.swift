import API
import Client
import Core
import Foundation
import Hashing
import Synchronization
import Testing

@Suite("Publishing")
struct PublishTests {
    private func publish(_ folder: String, to server: ScriptedServer) async throws -> PublishSummary {
        let session = try Session(server: ServerAddress(parsing: server.address), token: "t")
        var options = PublishOptions(repo: try RepoName(parsing: "acme/whale"))
        options.version = try RefName(parsing: "1.0")
        return try await session.publish(try await PublishSource.open(folder), options, progress: ProgressMeter())
    }

    @Test("small, middling and large files go by their own roads and arrive whole")
    func roads() async throws {
        let folder = try TestFolder()
        let middling = (0..<(3 << 19)).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let large = (0..<(5 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try folder.write("{}", to: "config.json")
        try folder.write("", to: "empty")
        try folder.write("#!/bin/sh\n", to: "bin/run", mode: 0o755)
        try folder.write(middling, to: "tokenizer.bin")
        try folder.write(large, to: "model.safetensors")
        let hub = PretendHub(resumableFrom: 4 << 20, partSize: 1 << 20)
        let server = try hub.start()

        let summary = try await publish(folder.path, to: server)
        #expect(summary.sentFiles == 5)
        #expect(summary.sentBytes == summary.totalBytes)
        let state = hub.state.withLock { $0 }
        #expect(state.published[0].files.map(\.path) == ["bin/run", "config.json", "empty", "model.safetensors", "tokenizer.bin"])
        #expect(state.published[0].files.map(\.isExecutable) == [true, nil, nil, nil, nil])
        #expect(state.published[0].files.allSatisfy { state.blobs[$0.digest].map { Int64($0.count) } == $0.size })
        #expect(state.blobs[Digest(of: large).description] == large)
        #expect(server.asked.filter { $0.path == "/hub/v1/blobs" }.count == 1)
        #expect(server.asked.filter { $0.method == "PUT" && $0.path.contains("/parts/") }.count == 5)
        #expect(server.asked.filter { $0.method == "PUT" && $0.path.hasPrefix("/hub/v1/blobs/") }.count == 1)

        // The second time nothing is sent, and the key is another.
        let again = try await publish(folder.path, to: server)
        #expect(again.sentFiles == 0)
        let keys = hub.state.withLock { $0.keys }
        #expect(keys.count == 2 && keys[0] != keys[1] && keys[0].count == 64)
    }

    @Test("a large upload that was cut goes on with the parts that are missing")
    func resumes() async throws {
        let folder = try TestFolder()
        let large = (0..<(4 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 2) }
        try folder.write(large, to: "model.safetensors")
        let hub = PretendHub(resumableFrom: 2 << 20, partSize: 1 << 20)
        hub.state.withLock { state in
            state.parts[0] = Array(large[..<(1 << 20)])
            state.parts[2] = Array(large[(2 << 20)..<(3 << 20)])
        }
        let server = try hub.start()
        _ = try await publish(folder.path, to: server)
        let sent = server.asked.filter { $0.method == "PUT" }.map { $0.path.split(separator: "/").last.map(String.init) ?? "" }
        #expect(Set(sent) == ["1", "3"])
        #expect(hub.state.withLock { $0.blobs[Digest(of: large).description] } == large)
    }

    @Test("the same content under two names is sent once")
    func once() async throws {
        let folder = try TestFolder()
        try folder.write("same", to: "a")
        try folder.write("same", to: "b")
        let hub = PretendHub()
        let server = try hub.start()
        let summary = try await publish(folder.path, to: server)
        #expect(summary.sentFiles == 1 && summary.sentBytes == 4 && summary.files == 2)
    }

    @Test("blobs that vanish between plan and publication are sent again, once")
    func sentAgain() async throws {
        let folder = try TestFolder()
        try folder.write("x", to: "a")
        let hub = PretendHub()
        let refused = Mutex(false)
        let meddling = PretendHub { asked, _ in
            guard asked.path.hasSuffix("/publish") else { return hub.answer(asked) }
            let isFirst = refused.withLock { was in
                defer { was = true }
                return !was
            }
            guard isFirst else { return hub.answer(asked) }
            hub.state.withLock { $0.blobs = [:] }
            return .problem("blobs-missing", "1 blob is missing", status: 409)
        }
        let server = try meddling.start()
        let summary = try await publish(folder.path, to: server)
        #expect(summary.sentFiles == 2)
        #expect(server.asked.filter { $0.path == "/hub/v1/blobs" }.count == 2)
        let keys = server.asked.compactMap { $0.headers["idempotency-key"] }
        #expect(keys.count == 2 && keys[0] != keys[1])
    }

    @Test("a publication whose answer was lost is asked again under the same key")
    func lostAnswer() async throws {
        let folder = try TestFolder()
        try folder.write("x", to: "a")
        let lost = Mutex(false)
        let hub = PretendHub()
        let meddling = PretendHub { asked, _ in
            var answer = hub.answer(asked)
            let isFirst =
                asked.path.hasSuffix("/publish")
                && lost.withLock { was in
                    defer { was = true }
                    return !was
                }
            if isFirst { answer.cutAfter = 3 }
            return answer
        }
        _ = try await publish(folder.path, to: try meddling.start())
        let keys = hub.state.withLock { $0.keys }
        #expect(keys.count == 2 && keys[0] == keys[1])
    }

    @Test("a file that changes while it is sent stops the publication")
    func changes() async throws {
        let folder = try TestFolder()
        let location = try folder.write(String(repeating: "a", count: 100), to: "a")
        let hub = PretendHub()
        let meddling = PretendHub { asked, _ in
            if asked.path.hasSuffix("/plan") { try? Data(repeating: 0x62, count: 90).write(to: URL(fileURLWithPath: location)) }
            return hub.answer(asked)
        }
        let server = try meddling.start()
        let error = await #expect(throws: HubError.self) { try await publish(folder.path, to: server) }
        #expect(error?.message.contains("changed while it was being read") == true)
        #expect(hub.state.withLock { $0.published.isEmpty })
    }
}
