package import Core
import Foundation
import Yams

/// A settings file: YAML with one plain value a name.
package enum SettingsFile {
    package static func read(_ path: String) throws(HubError) -> [String: String] {
        guard let text = try? String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8) else {
            throw HubError(.invalidRequest, "the settings file \(path) cannot be read; check the path given with --config")
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw HubError(.invalidRequest, "\(path) is not valid YAML: \(error)")
        }
        guard let node else { return [:] }
        guard let mapping = node.mapping else { throw HubError(.invalidRequest, "\(path) must hold lines 'name: value'") }
        var settings: [String: String] = [:]
        for (key, value) in mapping {
            guard let name = key.scalar?.string, let scalar = value.scalar else {
                throw HubError(.invalidRequest, "\(path): '\(key.scalar?.string ?? "?")' must have one plain value")
            }
            settings[name] = scalar.string
        }
        return settings
    }
}
