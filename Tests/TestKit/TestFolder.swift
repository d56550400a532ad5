import Foundation

/// A folder that is gone when the test is.
package final class TestFolder: Sendable {
    package let path: String

    package init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("grayling-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A copy of `source` as it stands at this moment, like the disk after a power cut.
    package init(copyOf source: String) throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("grayling-\(UUID().uuidString)").path
        try FileManager.default.copyItem(atPath: source, toPath: path)
    }

    package func file(_ name: String) -> String { path + "/" + name }
}
