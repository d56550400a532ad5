import Core
import Foundation
import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import TestKit
import Wire

/// A server with one event loop on a free port: files below `/file/`, a few routes that wait,
/// stream, refuse and receive. Runs as long as the closure does.
final class TestServer: Sendable {
    let port: Int
    let folder: Folder
    let metrics: Metrics
    let uploads: Uploads
    let log: Recorder
    private let group: ServiceGroup

    private init(port: Int, folder: Folder, metrics: Metrics, uploads: Uploads, log: Recorder, group: ServiceGroup) {
        self.port = port
        self.folder = folder
        self.metrics = metrics
        self.uploads = uploads
        self.log = log
        self.group = group
    }

    func connect(receiveBuffer: Int32? = nil) async throws -> HTTPProbe {
        try await HTTPProbe.connect(port: port, receiveBuffer: receiveBuffer)
    }

    func shutDown() async { await group.triggerGracefulShutdown() }

    static func run<T: Sendable>(
        adjust: (inout ConnectionRules) -> Void = { _ in }, _ body: @escaping @Sendable (TestServer) async throws -> T
    ) async throws -> T {
        let folder = try Folder()
        let metrics = Metrics()
        let uploads = Uploads()
        let log = Recorder()
        let surface = metrics.surface("test")
        var logger = Logger(label: "test") { _ in log }
        logger.logLevel = .debug
        var rules = ConnectionRules(
            readers: [FileReader(folder: folder)], metrics: metrics, surface: { _ in surface }, pool: .singleton, logger: logger)
        adjust(&rules)
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (ports, bound) = AsyncStream<Int>.makeStream()
        let server = makeHTTPServer(
            routes(folder, uploads), listen: ListenAddress(host: "127.0.0.1", port: 0), rules: rules, loops: loops,
            onBound: { bound.yield($0) })
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        let running = Task { try await group.run() }
        guard let port = await ports.first(where: { _ in true }) else { throw CancellationError() }
        let result: Result<T, any Error>
        do {
            result = .success(
                try await body(TestServer(port: port, folder: folder, metrics: metrics, uploads: uploads, log: log, group: group)))
        } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await running.value
        try await loops.shutdownGracefully()
        return try result.get()
    }

    private static func routes(_ folder: Folder, _ uploads: Uploads) -> RouterResponder<WireContext> {
        let router = Router(context: WireContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: Reception())
        router.add(
            middleware: ErrorHook { error, id in
                Response(
                    status: .init(code: error.code == .unknownEndpoint ? 404 : 400), headers: [.contentType: "text/plain"],
                    body: .init(byteBuffer: ByteBuffer(string: "\(error.code.rawValue)|\(error.message)|\(id)")))
            })
        router.get("echo/:word") { _, context in context.parameters.get("word") ?? "" }
        router.get("slow/:word") { _, context in
            try await Task.sleep(for: .milliseconds(20))
            return context.parameters.get("word") ?? ""
        }
        router.get("stream") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    for word in ["one ", "two ", "three"] { try await writer.write(ByteBuffer(string: word)) }
                    try await writer.finish(nil)
                })
        }
        router.get("bulk") { _, _ in Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(repeating: 7, count: 20_000_000))) }
        router.get("road/:size") { request, context in
            guard let answer = folder.answer(request.method == .head, Conditions(request.headers), name: context.parameters.get("size") ?? "") else {
                throw HubError(.unknownFile, "no such file")
            }
            return answer.response(context)
        }
        router.put("upload") { request, context in
            do {
                var sum = 0
                for try await part in try BodyReader(request, context).stream(limit: 32 << 20) { sum += part.readableBytes }
                uploads.note(.success(sum))
                return "\(sum)"
            } catch let error as HubError {
                uploads.note(.failure(error))
                throw error
            }
        }
        router.post("small") { request, context in "\(try await BodyReader(request, context).collect(limit: 100).readableBytes)" }
        router.put("refused") { _, _ -> String in throw HubError(.notPermitted, "not you") }
        router.get("boom") { _, _ -> String in throw Secret() }
        router.get("forbidden") { _, _ -> String in throw HTTPError(.init(code: 402), message: "pay") }
        router.post("json") { request, context in
            let body = try await BodyReader(request, context).collect(limit: 1000)
            return "\(try JSONDecoder().decode(Thing.self, from: Data(body.readableBytesView)).count)"
        }
        return router.buildResponder()
    }

    private struct Thing: Codable { let count: Int }
    private struct Secret: Error { let password = "hunter2" }

    final class Uploads: Sendable {
        private let all = Mutex<[Result<Int, HubError>]>([])
        func note(_ result: Result<Int, HubError>) { all.withLock { $0.append(result) } }
        func first() async throws -> Result<Int, HubError> {
            try await eventually("an upload ends") { !self.all.withLock { $0.isEmpty } }
            return all.withLock { $0[0] }
        }
    }
}

/// Whether bytes are the same; a failure shows where they part instead of showing them all.
func same(_ bytes: [UInt8], _ expected: [UInt8], _ note: String = "") -> Bool {
    if bytes == expected { return true }
    let place = zip(bytes, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    print("\(note): \(bytes.count) of \(expected.count) bytes, different from \(place ?? min(bytes.count, expected.count)) on")
    return false
}

struct Overdue: Error, CustomStringConvertible { let description: String }

/// Waits for what must come true soon, without saying how soon.
func eventually(_ what: String, _ condition: @Sendable () -> Bool) async throws {
    for _ in 0..<3000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    throw Overdue(description: "still not so: \(what)")
}

/// Keeps the log's lines.
final class Recorder: LogHandler, Sendable {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .debug }
        set {}
    }
    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    func log(event: LogEvent) { kept.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") } }
}
