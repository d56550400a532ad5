import Core

extension RepoQuery {
    /// A list's query as clients send it. nil where nothing can match: what this server does not know
    /// about a repo, none has.
    init?(_ kind: RepoKind, _ query: FormText, cursor: String?, limit: Int) throws(HubError) {
        self.init(kind)
        self.limit = limit
        if let author = query["author"] {
            guard let owner = try? OwnerName(parsing: author) else { return nil }
            self.owner = owner
        }
        parts = query.all("search").filter { !$0.isEmpty } + query.all("model_name") + query.all("dataset_name")
        tags = Self.tagKeys.flatMap { query.all($0) }.filter { !$0.isEmpty }
        // Old clients name these on their own.
        tags += query.all("library").map { $0.lowercased() }
        tags += query.all("trained_dataset").map { $0.hasPrefix("dataset:") ? $0 : "dataset:\($0)" }
        guard parts.count + tags.count <= Self.mostConditions else {
            throw HubError(.invalidRequest, "a list can be filtered by at most \(Self.mostConditions) words at once")
        }
        pipelineTag = query["pipeline_tag"]
        if query.flag("gated") || query["inference"] != nil || query["inference_provider"] != nil || !query.all("apps").isEmpty { return nil }
        if let range = query["num_parameters"] { parameters = try Self.range(range) }
        sort = try Self.sort(query["sort"])
        if let cursor { after = try Place(cursor) }
    }

    private static let mostConditions = 32
    private static let tagKeys = ["filter", "tags", "other"]

    private static func sort(_ text: String?) throws(HubError) -> Sort {
        switch text {
        case nil, "lastModified", "last_modified": .updated
        case "createdAt", "created_at": .created
        case "downloads": .downloads
        // Nobody likes anything here, so all are alike in it.
        case "likes", "trendingScore", "trending_score", "likes7d": .row
        default:
            throw HubError(
                .invalidRequest,
                "'\(FilePath.printable(text ?? ""))' is nothing to sort by: expected lastModified, createdAt, downloads, likes or trendingScore")
        }
    }

    /// `min:6B,max:128B`, each of them optional.
    static func range(_ text: String) throws(HubError) -> ClosedRange<Int64> {
        var (low, high) = (Int64(0), Int64.max)
        for part in text.split(separator: ",") {
            let words = part.split(separator: ":", maxSplits: 1)
            guard words.count == 2, let number = number(words[1]) else {
                throw HubError(.invalidRequest, "'\(FilePath.printable(text))' is no range of parameters: expected min:6B,max:128B")
            }
            if words[0] == "min" { low = number } else if words[0] == "max" { high = number }
        }
        return low <= high ? low...high : high...high
    }

    private static func number(_ text: Substring) -> Int64? {
        let units: [Character: Double] = ["K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12]
        let unit = text.last.flatMap { units[Character($0.uppercased())] }
        guard let number = Double(unit == nil ? text : text.dropLast()), number >= 0, number * (unit ?? 1) < 9e18 else { return nil }
        return Int64(number * (unit ?? 1))
    }
}

extension RepoQuery.Place {
    init(_ cursor: String) throws(HubError) {
        let numbers = cursor.split(separator: " ").compactMap { Int64($0) }
        guard numbers.count == 2 else {
            throw HubError(.invalidRequest, "the cursor is not one of this list; use the Link of the page before, unchanged")
        }
        self.init(key: numbers[0], id: numbers[1])
    }
    var text: String { "\(key) \(id)" }
}
