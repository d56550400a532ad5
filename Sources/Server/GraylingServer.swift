import Blobs
import CLinux
import Catalog
package import Core
import Foundation
import Hashing
package import Hub
import Hummingbird
package import Logging
import NIOCore
import NIOPosix
import Native
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
        let deadline = try settings.number(settings.shutdownSeconds, "shutdown_seconds", in: 0...86_400)
        let loopCount = try settings.number(settings.loops, "loops", in: 0...256)
        let hub = try await Self.openHub(settings, logger: logger)
        try await showFirstToken(hub)
        let restored = try await hub.recoverTrash()
        if restored > 0 { logger.notice("gave back blobs that an interrupted collection had condemned", metadata: ["count": "\(restored)"]) }

        let loops = MultiThreadedEventLoopGroup(numberOfThreads: loopCount == 0 ? System.coreCount : loopCount)
        let readers = NIOThreadPool(numberOfThreads: 4)
        readers.start()
        let speakers = Speakers(hub: hub, version: Self.version)
        let application = makeApplication(speakers, hub, address, loops: loops, readers: readers)
        if !["127.0.0.1", "::1", "localhost"].contains(address.host) {
            logger.warning(
                "listening beyond this machine without TLS: tokens travel in the clear; put a TLS proxy in front",
                metadata: ["host": "\(address.host)"])
        }
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: Housekeeping(hub: hub, cards: speakers.huggingFace, logger: logger)), .init(service: application)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(deadline)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw HubError(
                .unavailable, "\(settings.listen.value) is in use by another program; stop it, or choose another address with --listen")
        } catch let error as IOError where error.errnoCode == EACCES || error.errnoCode == EADDRNOTAVAIL {
            throw HubError(
                .unavailable,
                "cannot listen on \(settings.listen.value): \(String(cString: strerror(error.errnoCode))); choose an address of this machine and a port above 1023 with --listen"
            )
        }
        await hub.catalog.close()
        try await loops.shutdownGracefully()
        try await readers.shutdownGracefully()
        logger.info("stopped")
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
        _ speakers: Speakers, _ hub: Hub, _ address: (host: String, port: Int), loops: MultiThreadedEventLoopGroup, readers: NIOThreadPool
    ) -> some Service {
        let metrics = Metrics()
        metrics.gauge("blobs", "Blobs that the catalog names.") { Double((try? hub.totals().blobs) ?? 0) }
        metrics.gauge("blob_bytes", "Bytes of these blobs.") { Double((try? hub.totals().bytes) ?? 0) }
        let router = Router(context: WireContext.self)
        let dialects = speakers.dialects
        dialects.receive(on: router, principal: { try hub.principal(secret: $0).principal }) { error, id in
            NativeProblem.response(error, requestID: id)
        }
        Operations(hub: hub, metrics: metrics).mount(on: router)
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
        let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        logger.info("serving", metadata: ["address": "\(url)", "data": "\(settings.data.value.absolutePath)", "version": "\(Self.version)"])
        guard !settings.addressFile.value.isEmpty else { return }
        do {
            try Data((url + "\n").utf8).write(to: URL(fileURLWithPath: settings.addressFile.value), options: .atomic)
        } catch {
            logger.error("the address file could not be written", metadata: ["file": "\(settings.addressFile.value)", "error": "\(error)"])
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
