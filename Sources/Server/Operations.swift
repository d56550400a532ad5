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

    func mount(on router: Router<WireContext>) {
        router.get("/healthz") { _, _ in Self.text("ok\n") }
        router.get("/readyz") { [hub] _, _ in
            // One read and one stat: what every request needs.
            do {
                try hub.checkReady()
                return Self.text("ready\n")
            } catch {
                var response = Self.text("not ready: \(error)\n")
                response.status = .serviceUnavailable
                return response
            }
        }
        router.get("/metrics") { [metrics] _, _ in Self.text(metrics.render(), type: "text/plain; version=0.0.4; charset=utf-8") }
        router.get("/") { _, _ in
            Self.text("This is Grayling, a model registry.\nThe HTTP API is described at /hub/v1/openapi.json; 'grayling --help' is the client.\n")
        }
    }

    private static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        Response(
            status: .ok, headers: HTTPFields([HTTPField(name: .contentType, value: type)]),
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
