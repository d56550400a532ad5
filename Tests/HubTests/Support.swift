import Core
import Foundation

extension RefName {
    static func named(_ text: String) throws -> RefName { try RefName(parsing: text) }
}

extension RevisionSpec {
    static func at(_ text: String) throws -> RevisionSpec { try RevisionSpec(parsing: text) }
}
