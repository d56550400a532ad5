import Core
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import Wire

/// What operators and their machines ask: alive, ready, numbers.
struct Operations {
    let hub: Hub
    let metrics: Metrics
    /// What serving counts, in the same text format.
    let servingMetrics: @Sendable () -> String
    /// What keeps releases from moving; nil: nothing.
    let degradation: @Sendable () -> String?

    func mount(on router: Router<WireContext>) {
        get("/healthz", on: router) { Self.text("ok\n") }
        get("/readyz", on: router) { [hub, degradation] in
            // One read and one stat: what every request needs.
            do {
                try hub.checkReady()
                // Still 200: reads and live traffic are well, and must not be sent elsewhere.
                if let problem = degradation() { return Self.text("degraded: \(problem)\n") }
                return Self.text("ready\n")
            } catch {
                var response = Self.text("not ready: \(error)\n")
                response.status = .serviceUnavailable
                return response
            }
        }
        get("/metrics", on: router) { [metrics, servingMetrics] in
            Self.text(metrics.render() + servingMetrics(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        get("/", on: router) {
            Self.text("This is Grayling, a model registry.\nThe HTTP API is described at /hub/v1/openapi.json; 'grayling --help' is the client.\n")
        }
    }

    /// HEAD as well: what watches a server often asks no more.
    private func get(_ path: RouterPath, on router: Router<WireContext>, _ answer: @escaping @Sendable () -> Response) {
        for method in [HTTPRequest.Method.get, .head] { router.on(path, method: method) { _, _ in answer() } }
    }

    private static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: HTTPFields([HTTPField(name: .contentType, value: type)]),
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
