// Values that are one text or one number are stored as just that.

/// A value that is stored as the text it is parsed from.
package protocol TextCoded: Codable, CustomStringConvertible {
    init(parsing text: String) throws(HubError)
}

extension TextCoded {
    package init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension EndpointName: TextCoded {}
extension ReleaseID: TextCoded {}
extension BackendID: TextCoded {}
extension Digest: TextCoded {}
extension GitID: TextCoded {}
extension RefName: TextCoded {}
extension FilePath: TextCoded {}
extension RevisionSpec: TextCoded {}

extension RepoName: TextCoded {
    /// Models alone are served.
    package init(parsing text: String) throws(HubError) { try self.init(.model, parsing: text) }
}

extension Instant: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
