import Core
import Foundation
import Glibc
import Logging
import Release
import Synchronization
import Testing

@testable import Fleet

/// A data root in a temporary folder with a small store, and fleets over it. Whatever happens, no process of it is
/// left when the story is over.
final class Stage: Sendable {
    let root: String
    var data: String { root + "/data" }
    var blobs: String { data + "/blobs" }
    var fleetFolder: String { data + "/fleet" }
    /// Where a model server looks for what it is to do; it may read it.
    var orders: String { root + "/orders" }
    let reports = Mutex<[ReplicaReport]>([])
    let inFlight = Mutex(0)
    let lastRequest = Mutex<Milliseconds?>(nil)
    let materialised = Mutex(0)
    /// A file to be found damaged.
    let damaged = Mutex<String?>(nil)

    private init() throws {
        root = FileManager.default.temporaryDirectory.path + "/fleet-\(UUID().uuidString.prefix(8))"
        for folder in [root + "/data/blobs", root + "/data/fleet", root + "/orders"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        try Self.server.write(toFile: root + "/server.py", atomically: true, encoding: .utf8)
    }

    static func with(_ story: (Stage) async throws -> Void) async throws {
        let stage = try Stage()
        do {
            try await story(stage)
            await stage.clear()
        } catch {
            await stage.clear()
            throw error
        }
    }

    private func clear() async {
        for record in records() { kill(-record.process.pid, SIGKILL) }
        await until("every process is gone") { records().allSatisfy { !$0.process.isAlive } }
        #expect(throws: Never.self) { try Files.removeTree(root) }
    }

    /// What the fleet wrote down about running processes.
    func records() -> [ReplicaRecord] {
        Files.names(in: fleetFolder).flatMap { backend in
            Files.names(in: "\(fleetFolder)/\(backend)/slots").compactMap { ReplicaRecord.read("\(fleetFolder)/\(backend)/slots/\($0)/replica.json") }
        }
    }

    // MARK: the store

    func addBlob(_ text: String) throws -> PinnedFile {
        let digest = Known.digest(Array(text.utf8))
        let path = "\(blobs)/\(digest.hex)"
        if !Files.exists(path) {
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            chmod(path, 0o444)
        }
        return PinnedFile(path: try FilePath(parsing: "weights/model.bin"), size: Int64(text.utf8.count), digest: digest)
    }

    func blob(_ file: PinnedFile) -> String { "\(blobs)/\(file.digest.hex)" }

    // MARK: the fleet

    func fleet(change: (inout FleetSettings) -> Void = { _ in }) throws -> Fleet {
        var settings = FleetSettings()
        settings.checkInterval = 100
        settings.tick = 20
        settings.settle = 50
        change(&settings)
        return try Fleet(
            folder: fleetFolder,
            materialise: { [self] files, folder, mayLink in
                materialised.withLock { $0 += 1 }
                for file in files {
                    if damaged.withLock({ $0 }) == file.path.text {
                        throw HubError(.digestMismatch, "\(file.path) is not what its digest says")
                    }
                    let target = "\(folder)/\(file.path)"
                    try Files.makeFolders(String(target[..<target.lastIndex(of: "/")!]))
                    if mayLink {
                        try Files.attempt("link", target) { link(blob(file), target) }
                    } else {
                        try FileManager.default.copyItem(atPath: blob(file), toPath: target)
                    }
                }
            },
            protect: [data], settings: settings, logger: Logger(label: "fleet") { _ in SwiftLogNoOpLogHandler() },
            inFlight: { [self] _ in inFlight.withLock { $0 } }, lastRequest: { [self] _ in lastRequest.withLock { $0 } },
            report: { [self] report in reports.withLock { $0.append(report) } })
    }

    /// An order for the pretend model server; `arguments` come behind its port.
    func order(
        _ arguments: [String] = [], files: [PinnedFile] = [], replicas: Int = 1, preparation: BackendOrder.Preparation? = nil, mayRest: Bool = false,
        change: (inout RuntimeSpec) -> Void = { _ in }
    ) throws -> BackendOrder {
        try Known.order(
            command: ["python3", "-u", root + "/server.py", "${port}", orders, "${model.path}"] + arguments, files: files, replicas: replicas,
            preparation: preparation, mayRest: mayRest
        ) {
            $0.readiness.deadline = 60_000
            $0.restart.firstDelay = 20
            $0.restart.longestDelay = 100
            change(&$0)
        }
    }

    // MARK: waiting and asking

    /// A limit to see that something hangs, no measure.
    func until(_ what: String, at place: SourceLocation = #_sourceLocation, _ isSo: () async -> Bool) async {
        for _ in 0..<2000 {
            if await isSo() { return }
            // Cancelled: the limit ends the loop soon enough.
            try? await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("waited in vain until \(what); reports: \(reports.withLock { $0 })", sourceLocation: place)
    }

    func reported(_ report: ReplicaReport) -> Bool { reports.withLock { $0.contains(report) } }

    /// The replicas as they were reported last.
    func serving(_ order: BackendOrder) -> [ReplicaAddress] {
        reports.withLock {
            for case .serving(order.backend, let addresses) in $0.reversed() { return addresses }
            return []
        }
    }

    func untilServing(_ order: BackendOrder, _ count: Int = 1, at place: SourceLocation = #_sourceLocation) async {
        await until("\(count) replicas serve", at: place) { serving(order).count == count }
    }

    func failure(_ order: BackendOrder) async -> (ReplicaReport.PrepareFailure, String)? {
        func find() -> (ReplicaReport.PrepareFailure, String)? {
            reports.withLock {
                for case .failed(order.backend, let kind, let text) in $0 { return (kind, text) }
                return nil
            }
        }
        await until("the preparation fails") { find() != nil }
        return find()
    }

    func ask(_ address: ReplicaAddress?, _ path: String, _ body: String = "") async throws -> String {
        let address = try #require(address)
        switch await ServerRequest(method: body.isEmpty ? "GET" : "POST", address: address, path: path, body: body, timeout: 30_000).answer() {
        case .response(_, let body): return String(decoding: body, as: UTF8.self)
        case .nothing(let why): return "nothing: \(why)"
        }
    }

    func pid(_ order: BackendOrder, _ slot: Int = 0) -> Int32? {
        ReplicaRecord.read("\(fleetFolder)/\(order.backend.hex)/slots/\(slot)/replica.json")?.process.pid
    }

    func isRunning(_ pid: Int32?) -> Bool { pid.flatMap { ProcessStamp.of($0) } != nil }

    func say(_ name: String, _ text: String = "") throws {
        try text.write(toFile: "\(orders)/\(name)", atomically: true, encoding: .utf8)
    }
}
