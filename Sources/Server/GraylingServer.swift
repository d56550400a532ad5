import Blobs
import CLinux
import Catalog
package import Core
import Foundation
import Gateway
import Hashing
package import Hub
import Hummingbird
package import Logging
import NIOCore
import NIOPosix
import Native
import Rollout
import ServiceLifecycle
import UnixSignals
import Wire

/// Puts the rooms together: settings → data root → hub → listener → lifetimes.
package struct GraylingServer: Sendable {
    package static let version = "0.1.0"
    private let settings: ServerSettings
    private let logger: Logger

    package init(_ settings: ServerSettings) throws(HubError) {
        guard let format = LineLog.Format(rawValue: settings.logFormat.value) else {
            throw HubError(.invalidRequest, "log_format is '\(settings.logFormat.value)' (\(settings.logFormat.source)): expected plain or json")
        }
        guard let level = Logger.Level(rawValue: settings.logLevel.value) else {
            throw HubError(
                .invalidRequest,
                "log_level is '\(settings.logLevel.value)' (\(settings.logLevel.source)): expected \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        self.settings = settings
        logger = Logger(label: "grayling") { _ in LineLog(format: format, level: level, clock: Self.clock) }
    }

    /// Serves until it is asked to stop, then finishes what is running within the deadline.
    package func run() async throws {
        // glibc keeps a heap for every thread and gives little of it back: a few for all are enough.
        _ = clinux_limit_heaps(4)
        OpenFiles.raiseLimit(logger)
        let address = try settings.address()
        try settings.checkServing()
        let deadline = try settings.number(settings.shutdownSeconds, "shutdown_seconds", in: 0...86_400)
        let loopCount = try settings.number(settings.loops, "loops", in: 0...256)
        let hub = try await Self.openHub(settings, logger: logger)
        try await showFirstToken(hub)
        let restored = try await hub.recoverTrash()
        if restored > 0 { logger.notice("gave back blobs that an interrupted collection had condemned", metadata: ["count": "\(restored)"]) }

        let loops = MultiThreadedEventLoopGroup(numberOfThreads: loopCount == 0 ? System.coreCount : loopCount)
        let readers = NIOThreadPool(numberOfThreads: 4)
        readers.start()
        do {
            try await serve(hub, address, deadline: deadline, loops: loops, readers: readers)
        } catch {
            await hub.catalog.close()
            throw error
        }
        await hub.catalog.close()
        try await loops.shutdownGracefully()
        try await readers.shutdownGracefully()
        logger.info("stopped")
    }

    private func serve(
        _ hub: Hub, _ address: (host: String, port: Int), deadline: Int, loops: MultiThreadedEventLoopGroup, readers: NIOThreadPool
    ) async throws {
        let stopping = Stopping()
        let layout = StorageLayout(root: settings.data.value.absolutePath)
        var serving: Serving?
        if let address = try settings.gatewayAddress() {
            serving = try await Serving(hub: hub, settings: settings, address: address, layout: layout, loops: loops, logger: logger)
        }
        let speakers = Speakers(
            hub: hub, version: Self.version, serving: serving?.native { stopping.hasBegun } ?? NativeServing { stopping.hasBegun })
        let application = makeApplication(speakers, hub, serving, address, loops: loops, readers: readers)
        warnBeyondThisMachine(address.host)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = serving?.services ?? []
        services += [
            .init(service: Housekeeping(hub: hub, cards: speakers.huggingFace, logger: logger)), .init(service: application), .init(service: stopping)
        ]
        var configuration = ServiceGroupConfiguration(services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(deadline)
        let result: Result<Void, any Error>
        do {
            if let serving {
                try await begin(serving)
            } else {
                logger.notice("no gateway: endpoints are not served and releases wait", metadata: ["setting": "\(settings.gateway.source)"])
            }
            try await ServiceGroup(configuration: configuration).run()
            result = .success(())
        } catch {
            result = .failure(Self.explained(error, settings.listen, flag: "--listen"))
        }
        await serving?.end()
        try result.get()
    }

    private func begin(_ serving: Serving) async throws {
        let port: Int
        do {
            port = try await serving.begin()
        } catch {
            throw Self.explained(error, settings.gateway, flag: "--gateway")
        }
        guard let host = try settings.gatewayAddress()?.host else { return }
        warnBeyondThisMachine(host)
        let url = Self.url(host, port)
        logger.info("gateway", metadata: ["address": "\(url)"])
        write(url, to: settings.gatewayAddressFile)
    }

    private static func explained(_ error: any Error, _ address: ServerSettings.Setting, flag: String) -> any Error {
        guard let error = error as? IOError else { return error }
        switch error.errnoCode {
        case EADDRINUSE:
            return HubError(.unavailable, "\(address.value) is in use by another program; stop it, or choose another address with \(flag)")
        case EACCES, EADDRNOTAVAIL:
            return HubError(
                .unavailable,
                "cannot listen on \(address.value): \(String(cString: strerror(error.errnoCode))); choose an address of this machine and a port above 1023 with \(flag)"
            )
        default: return error
        }
    }

    private func warnBeyondThisMachine(_ host: String) {
        guard !["127.0.0.1", "::1", "localhost"].contains(host) else { return }
        logger.warning(
            "listening beyond this machine without TLS: tokens and keys travel in the clear; put a TLS proxy in front", metadata: ["host": "\(host)"])
    }

    /// Opens a data root as its only owner. Also the way in for care commands without a server.
    package static func openHub(_ settings: ServerSettings, create: Bool = true, logger: Logger) async throws -> Hub {
        let probe = StopAt.probe()
        let root = try DataRoot.open(settings.data.value.absolutePath, create: create)
        let catalog = try Catalog(path: root.layout.catalog) { Digest(of: $0) }
        return Hub(
            root: root, blobs: DiskBlobStore(root: root, probe: probe), catalog: catalog, probe: probe, logger: logger, clock: clock,
            randomBytes: { count in
                var generator = SystemRandomNumberGenerator()
                return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            })
    }

    package static let clock: @Sendable () -> Instant = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    private func makeApplication(
        _ speakers: Speakers, _ hub: Hub, _ serving: Serving?, _ address: (host: String, port: Int), loops: MultiThreadedEventLoopGroup,
        readers: NIOThreadPool
    ) -> some Service {
        let metrics = Metrics()
        metrics.gauge("blobs", "Blobs that the catalog names.") { Double((try? hub.totals().blobs) ?? 0) }
        metrics.gauge("blob_bytes", "Bytes of these blobs.") { Double((try? hub.totals().bytes) ?? 0) }
        let router = Router(context: WireContext.self)
        let dialects = speakers.dialects
        dialects.receive(on: router, principal: { try hub.principal(secret: $0).principal }) { error, id in
            NativeProblem.response(error, requestID: id)
        }
        Operations(
            hub: hub, metrics: metrics,
            servingMetrics: { serving?.metrics() ?? "" },
            degradation: { serving?.problem }
        ).mount(on: router)
        dialects.mount(on: router)

        let surfaces = Dictionary(uniqueKeysWithValues: dialects.names.map { ($0, metrics.surface($0)) })
        let operations = metrics.surface("operations")
        let rules = ConnectionRules(
            readers: speakers.readers { surfaces[$0] ?? operations }, metrics: metrics,
            surface: { dialects.speaker(for: $0).flatMap { surfaces[$0.name] } ?? operations }, pool: readers, logger: logger)
        return makeHTTPServer(
            router.buildResponder(), listen: ListenAddress(host: address.host, port: address.port), rules: rules, loops: loops
        ) { port in announce(host: address.host, port: port) }
    }

    private func announce(host: String, port: Int) {
        let url = Self.url(host, port)
        logger.info("serving", metadata: ["address": "\(url)", "data": "\(settings.data.value.absolutePath)", "version": "\(Self.version)"])
        write(url, to: settings.addressFile)
    }

    private static func url(_ host: String, _ port: Int) -> String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    private func write(_ url: String, to file: ServerSettings.Setting) {
        guard !file.value.isEmpty else { return }
        do {
            try Data((url + "\n").utf8).write(to: URL(fileURLWithPath: file.value), options: .atomic)
        } catch {
            logger.error("the address file could not be written", metadata: ["file": "\(file.value)", "error": "\(error)"])
        }
    }

    /// Printed once, and kept where only the server's user can read it.
    private func showFirstToken(_ hub: Hub) async throws {
        let given = settings.adminToken.value
        let path = StorageLayout(root: settings.data.value.absolutePath).adminToken
        let made = try await hub.makeFirstToken(secret: given.isEmpty ? nil : given) { try SecretFile.write($0 + "\n", to: path) }
        guard let secret = made else { return }
        if given.isEmpty {
            // Written at once: standard output would keep it back where it is not a terminal.
            FileHandle.standardOutput.write(
                Data("The first token, for the user admin, shown this once and kept in \(path):\n\n    \(secret)\n\n".utf8))
        }
    }
}

extension String {
    /// As seen from the folder the program was started in.
    fileprivate var absolutePath: String { hasPrefix("/") ? self : URL(fileURLWithPath: self).standardizedFileURL.path }
}
