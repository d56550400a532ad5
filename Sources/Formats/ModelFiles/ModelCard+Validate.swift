import Core

/// What there is to say of a card before it is published.
package struct CardReport: Hashable, Sendable {
    /// Reasons to refuse it.
    package var errors: [CardProblem] = []
    package var warnings: [CardProblem] = []

    package init() {}
}

extension ModelCard {
    /// Checks the keys that programs read. A wrong type is an error, because filters would not find
    /// the repo; a value that is merely unknown is a warning. Keys nobody reads are left alone.
    package func validate() -> CardReport {
        var report = CardReport()
        if let problem {
            report.errors.append(problem)
            return report
        }
        guard hasFrontMatter else {
            report.warnings.append(
                CardProblem(message: "the card has no metadata: begin README.md with a line '---', keys such as 'license: mit', and '---'"))
            return report
        }
        for key in ["license_name", "license_link", "library_name", "pipeline_tag", "base_model_relation", "pretty_name", "thumbnail", "new_version"]
        {
            report.check(metadata, key, expected: "must be a string") { if case .string = $0 { true } else { false } }
        }
        for key in ["license", "language", "datasets", "base_model", "metrics", "task_categories", "size_categories"] {
            report.check(metadata, key, expected: "must be a string or a list of strings") { $0.isTextOrTexts }
        }
        report.check(metadata, "tags", expected: "must be a list of strings") { if case .list = $0 { $0.isTextOrTexts } else { false } }
        checkLicenses(&report)
        checkRepos(&report)
        checkResults(&report)
        if let tag = pipelineTag, !KnownWords.pipelines.contains(tag) {
            report.warnings.append(CardProblem(message: "\"pipeline_tag\": '\(tag.shown)' is not a known task, such as text-generation"))
        }
        return report
    }

    private func checkLicenses(_ report: inout CardReport) {
        for license in licenses where !KnownWords.licenses.contains(license.lowercased()) {
            report.warnings.append(
                CardProblem(
                    message: "\"license\": '\(license.shown)' is not a known license id, such as apache-2.0; use 'other' with a license_name"))
        }
        if licenses.contains("other"), licenseName == nil {
            report.warnings.append(CardProblem(message: "\"license\" is 'other': say which in \"license_name\" and \"license_link\""))
        }
    }

    private func checkRepos(_ report: inout CardReport) {
        for (i, id) in baseModels.enumerated() where !id.isRepoID {
            report.errors.append(CardProblem(message: "\"base_model[\(i)]\": '\(id.shown)' is not a model id, such as acme/whale"))
        }
        for (i, id) in datasets.enumerated() where !id.isRepoID {
            report.warnings.append(CardProblem(message: "\"datasets[\(i)]\": '\(id.shown)' is not a dataset id, such as acme/reef"))
        }
    }

    private func checkResults(_ report: inout CardReport) {
        guard let index = metadata["model-index"], index != .null else { return }
        guard case .list(let models) = index else {
            report.errors.append(CardProblem(message: "\"model-index\" must be a list"))
            return
        }
        for (i, model) in models.enumerated() {
            if model["name"]?.text == nil { report.errors.append(CardProblem(message: "\"model-index[\(i)].name\" must be a string")) }
            guard case .list? = model["results"] else {
                report.errors.append(CardProblem(message: "\"model-index[\(i)].results\" must be a list"))
                continue
            }
        }
    }
}

extension CardReport {
    fileprivate mutating func check(_ metadata: CardValue, _ key: String, expected: String, _ isRight: (CardValue) -> Bool) {
        guard let value = metadata[key], value != .null, !isRight(value) else { return }
        errors.append(CardProblem(message: "\"\(key)\" \(expected)"))
    }
}

extension CardValue {
    fileprivate var isTextOrTexts: Bool {
        switch self {
        case .string: true
        case .list(let items): items.allSatisfy { $0.text != nil }
        default: false
        }
    }
}

extension String {
    fileprivate var shown: String { FilePath.printable(prefix(80)) }
    /// `owner/name`, or the bare name that some old public repos have.
    fileprivate var isRepoID: Bool {
        let parts = split(separator: "/", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count) && (try? RepoName(parsing: "owner/\(parts[parts.count - 1])")) != nil
            && (parts.count == 1 || (try? RepoName(parsing: "\(parts[0])/name")) != nil)
    }
}
