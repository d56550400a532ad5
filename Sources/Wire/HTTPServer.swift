package import Hummingbird
import HummingbirdCore
package import NIOCore

/// Where a server listens.
package struct ListenAddress: Hashable, Sendable {
    package var host: String
    /// 0: any that is free.
    package var port: Int
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

/// The hub's HTTP server: lean reads first, `responder` for everything else.
///
/// Run the result as a service. A graceful shutdown finishes the answers in progress, however
/// long they take; put the deadline around it. `onBound` is told the port that connections are
/// accepted on.
package func makeHTTPServer<Responder: HTTPResponder>(
    _ responder: Responder, listen: ListenAddress, rules: ConnectionRules, loops: any EventLoopGroup, serverName: String? = "grayling",
    onBound: @escaping @Sendable (Int) async -> Void = { _ in }
) -> Application<Responder> where Responder.Context == WireContext {
    Application(
        responder: responder,
        server: HTTPServerBuilder { responder in HTTPChannel(responder: responder, rules: rules) },
        configuration: ApplicationConfiguration(
            address: .hostname(listen.host, port: listen.port), serverName: serverName, backlog: 1024, reuseAddress: true),
        onServerRunning: { channel in await onBound(channel.localAddress?.port ?? listen.port) },
        eventLoopGroupProvider: .shared(loops),
        logger: rules.logger)
}
