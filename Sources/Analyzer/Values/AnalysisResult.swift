/// An analysis, and the rows of users behind it, which are for files of their own.
package struct AnalysisResult: Sendable {
    package let analysis: Analysis
    package let features: FeatureTable
    /// The number of each user's segment; 0 is none.
    package let segmentOfUser: [Int32]

    package init(analysis: Analysis, features: FeatureTable, segmentOfUser: [Int32]) {
        self.analysis = analysis
        self.features = features
        self.segmentOfUser = segmentOfUser
    }
}
