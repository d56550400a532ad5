import Core
import Foundation
import Release

/// Orders as the hub would give them.
enum Known {
    static func order(
        command: [String], endpoint: String = "chat", files: [PinnedFile] = [], replicas: Int = 1, preparation: BackendOrder.Preparation? = nil,
        mayRest: Bool = false, change: (inout RuntimeSpec) -> Void = { _ in }
    ) throws -> BackendOrder {
        var runtime = RuntimeSpec(kind: .process(command: command), replicas: replicas)
        change(&runtime)
        let spec = BackendSpec(
            endpoint: try EndpointName(parsing: endpoint),
            model: PinnedModel(
                repo: try RepoName(.model, parsing: "acme/whale"), commit: try GitID(parsing: String(repeating: "a", count: 40)),
                manifest: try Digest(parsing: String(repeating: "b", count: 64)), version: "1.0.0"),
            runtime: runtime)
        return BackendOrder(backend: BackendID(digest(spec.canonical.bytes)), spec: spec, files: files, preparation: preparation, mayRest: mayRest)
    }

    /// Not the hub's SHA-256: any name of 64 digits that differs where the content does.
    static func digest(_ bytes: [UInt8]) -> Digest {
        var sums: [UInt64] = [0xcbf2_9ce4_8422_2325, 0x9e37_79b9_7f4a_7c15, 0x2545_f491_4f6c_dd1d, 0x1234_5678_9abc_def1]
        for (i, byte) in bytes.enumerated() {
            for k in sums.indices { sums[k] = (sums[k] ^ UInt64(byte) &+ UInt64(i * k)) &* 0x0000_0100_0000_01b3 }
        }
        return Digest(bytes: sums.flatMap { sum in (0..<8).map { UInt8(truncatingIfNeeded: sum >> ($0 * 8)) } })
    }
}
